import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/**
 * What of the bundle is compiled beforehand: the functions that a command needs are in a file of their own, for V8 takes in
 * all that is in one.
 */
export type CompiledFor = 'check' | 'trace' | 'bpf' | 'report';

/** The command line as one file, a function of what a CommonJS module is given, and V8's compiled forms of it beside (scripts/bundle-cli.mjs). */
export interface AppScript {
  readonly script: Script;
  /** Evaluates the bundle and hands out its command line. */
  load(): {
    runCommandLine(argv: readonly string[]): Promise<number>;
    endProcess(code: number): void;
    startReportWorker(): Promise<void>;
  };
}

/** The form that spares a command line most. */
export function compiledForm([, , command, ...rest]: readonly string[]): CompiledFor {
  if (command === 'report') return 'report';
  if (command !== 'trace' && command !== 'record') return 'check';
  return rest.includes('bpf') ? 'bpf' : 'trace';
}

/** V8's versions that have the flag below. */
const TUNABLE = /^1[0-4]\./;

/**
 * What V8 is told for a form's commands. A report's lines are WebAssembly's work, so most of its JavaScript runs once: V8 is to wait
 * ten times as long as it does otherwise before it optimizes a function.
 */
export function flagFor(form: CompiledFor): string | undefined {
  return form === 'report' && TUNABLE.test(process.versions.v8) ? '--interrupt-budget=1351680' : undefined;
}

/** To be called before anything is compiled, also when forms are made: they fit only engines of the same flags. */
export function tuneFor(form: CompiledFor): void {
  const flag = flagFor(form);
  if (flag !== undefined) setFlagsFromString(flag);
}

/**
 * Compiles the bundle at `file`, sparing V8 the work where the form of that name fits this Node; `undefined`: none is used. Code that V8
 * made for another version or machine is ignored by it; then everything is compiled as usual.
 */
export function compileApp(file: string, form: CompiledFor | undefined): AppScript {
  if (form !== undefined) tuneFor(form);
  // The bundle is ASCII.
  const source = readFileSync(file, 'latin1');
  const code = form === undefined ? undefined : readCode(codeFile(file, form));
  const script = new Script(source, { filename: file, ...(code && { cachedData: code }) });
  return {
    script,
    load() {
      const module = { exports: {} };
      // A script that was compiled here may not import: it is handed how.
      const importPackage = (name: string): Promise<unknown> => import(name);
      const evaluate = script.runInThisContext();
      evaluate(module.exports, createRequire(file), module, file, dirname(file), importPackage);
      return module.exports as ReturnType<AppScript['load']>;
    },
  };
}

/** Where the compiled form of the bundle is. */
export function codeFile(file: string, form: CompiledFor): string {
  return `${file}.${form}.code`;
}

function readCode(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
