/** The exit codes, under the help of every command. */
export const exitCodes = `
Exit codes:
  0    done; check: every definition is accepted
  1    a definition is refused, an event is missing, something could not be removed,
       a question of ask was no question
  2    wrong use, unreadable input, no such kernel, no way to trace here
  3    a mistake of btfprobe's own
  130  ended by force: a second Ctrl-C, or one before tracing began
`;

/** What `--dialect` takes. */
export const dialectHelp =
  'judge by a known dialect: 5.15, 6.1, v4, 6.6, 6.9, 6.12, newest (docs/dialects.md)';

/** What `--kernel` takes. */
export const kernelHelp = 'live (this machine), default (the built-in 6.12-cloud), or the path of a bundle';
