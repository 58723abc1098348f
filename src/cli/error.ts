import { ExitCode } from './exit-code.js';
import { printableLines } from './paint.js';
import { say } from './standard-streams.js';

/**
 * Why a command cannot be done: `usage` it was called wrongly; `input` what it should read is missing or malformed;
 * `output` what it writes to cannot be written; `backend` there is no way to trace on this machine.
 */
export type CommandErrorCode = 'usage' | 'input' | 'output' | 'backend';

/** Ends a command with a message for the user and the exit code for wrong use. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;
  /** What to do next. */
  readonly hints: readonly string[];

  constructor(code: CommandErrorCode, message: string, hints: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hints = hints;
  }
}

/** What the system said of a file, without what Node adds: `no such file or directory (ENOENT)`. */
export function systemReason(error: unknown): string {
  const { message } = error as Error;
  const [, code, text] = /^([A-Z0-9]+): (.+?)(?:, \w+(?: '.*')?)?$/s.exec(message) ?? [];
  return code === undefined ? message : `${text} (${code})`;
}

/** Failures that a room foresees: their message is for the user. Told by name, so that no room is loaded for it. */
const foreseen = new Set([
  'CommandError',
  'KernelError',
  'HostError',
  'BackendError',
  'BtfError',
  'SimError',
  'RecordError',
  'TraceDatError',
]);

/** Says on stderr why the command failed, and which exit code that is. */
export function reportFailure(error: unknown): ExitCode {
  if (error instanceof AggregateError && error.errors.every(isForeseen)) {
    const lines = error.errors.map(({ message }: Error) => `btfprobe: ${printableLines(message)}\n`);
    say(`${lines.join('')}  hint: what is left in the kernel: btfprobe list\n`);
    return ExitCode.refused;
  }
  if (!isForeseen(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(`btfprobe: this is a mistake of btfprobe, please report it:\n${text}\n`);
    return ExitCode.internal;
  }
  say(
    `btfprobe: ${printableLines(error.message)}\n${hintsOf(error)
      .map(hint => `  hint: ${printableLines(hint)}\n`)
      .join('')}`,
  );
  return ExitCode.misuse;
}

function isForeseen(error: unknown): error is Error {
  return error instanceof Error && foreseen.has(error.name);
}

function hintsOf(error: Error): readonly string[] {
  const { hints } = error as { readonly hints?: readonly string[] };
  return hints ?? [];
}
