import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** The command line as one bundled CommonJS file, and V8's compiled form of it beside (scripts/bundle-cli.mjs). */
export interface AppScript {
  readonly script: Script;
  /** Evaluates the bundle and hands out its command line. */
  load(): { runCommandLine(argv: readonly string[]): Promise<number>; startReportWorker(): Promise<void> };
}

/**
 * Compiles the bundle at `file`, sparing V8 the work where `FILE.code` fits this Node. Code that V8 made for another
 * version or machine is ignored by it; then everything is compiled as usual.
 */
export function compileApp(file: string, useCode = true): AppScript {
  const source = `(function(exports,require,module,__filename,__dirname,importPackage){${readFileSync(file, 'utf8')}\n})`;
  const code = useCode ? readCode(`${file}.code`) : undefined;
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

function readCode(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
