/**
 * What went wrong at the door to this machine:
 * `not-found` the file is not there; `permission` this user may not; `lockdown` the kernel forbids it to root as well;
 * `busy` in use; `exists` already there; `refused` the kernel took the call and said no; `malformed` the content is
 * not what it should be; `io` anything else.
 */
export type HostErrorCode =
  | 'not-found'
  | 'permission'
  | 'lockdown'
  | 'busy'
  | 'exists'
  | 'refused'
  | 'malformed'
  | 'io';

/** A file of this machine that could not be used, with what a person needs next. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly code: HostErrorCode;
  /** Absolute path. */
  readonly file: string;
  /** Symbolic errno, `undefined` where no system call failed. */
  readonly errno: string | undefined;
  /** What to do next. */
  readonly hints: readonly string[];

  constructor(
    code: HostErrorCode,
    file: string,
    message: string,
    details: { readonly errno?: string; readonly hints?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.file = file;
    this.errno = details.errno;
    this.hints = details.hints ?? [];
  }
}
