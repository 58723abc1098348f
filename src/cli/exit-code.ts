/** What the process tells its caller: docs/cli.md. */
export const ExitCode = {
  /** Done; for `check`: every definition is accepted. */
  ok: 0,
  /** A definition is refused, an event is missing, something could not be removed. */
  refused: 1,
  /** Wrong use, unreadable input, no such kernel, no way to trace here. */
  misuse: 2,
  /** A mistake of btfprobe's own. */
  internal: 3,
  /** Ended by force: a second Ctrl-C, or one before tracing began. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
