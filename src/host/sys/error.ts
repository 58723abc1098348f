import { errnoText } from './errno.js';

/**
 * Why a system call could not be made or failed: `no-ffi` the package that makes system calls is not there or does not
 * load; `unsupported` no numbers are known for this architecture; `call` the kernel refused.
 */
export type SysErrorCode = 'no-ffi' | 'unsupported' | 'call';

/** A failed system call, or none that could be tried. */
export class SysError extends Error {
  override readonly name = 'SysError';
  readonly code: SysErrorCode;
  /** What was tried, in words: `bpf(PROG_LOAD)`. */
  readonly call: string;
  /** Symbolic errno; `undefined` where no call was made. */
  readonly errno: string | undefined;

  constructor(code: SysErrorCode, call: string, message: string, errno?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.call = call;
    this.errno = errno;
  }
}

/** The error of a call that the kernel refused with `errno`. */
export function callError(call: string, errno: number): SysError {
  const name = errnoText(errno);
  return new SysError('call', call, `${call}: ${name}`, name);
}

/** Whether an error is a refused system call, of that errno if one is named. */
export function isSysError(error: unknown, errno?: string): error is SysError {
  return error instanceof SysError && (errno === undefined || error.errno === errno);
}
