/**
 * Why facts of a kernel could not be read or used.
 *
 * - `bad-facts`: `facts.json` is not JSON or lacks something that every kernel has.
 * - `bad-line`: a line of a list (kallsyms, traceable functions, blacklist) is not what the kernel writes.
 * - `bad-format`: the text of an event's `format` file is damaged.
 * - `bad-types`: the BTF of vmlinux or of a module is damaged; `cause` holds the `BtfError`.
 * - `bad-archive`: a compressed file of a bundle cannot be decompressed, or grows beyond any kernel's size.
 * - `not-found`: the folder, kernel name or file does not exist.
 * - `unreadable`: it exists, but this user may not read it, or reading failed.
 * - `unsupported-architecture`: the machine's register and argument conventions are not known here.
 * - `released`: a handle, or the kernel itself, is used after it was disposed.
 */
export type KernelErrorCode =
  | 'bad-facts'
  | 'bad-line'
  | 'bad-format'
  | 'bad-types'
  | 'bad-archive'
  | 'not-found'
  | 'unreadable'
  | 'unsupported-architecture'
  | 'released';

/** Facts of a kernel are missing, damaged, or no longer held. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  readonly code: KernelErrorCode;

  constructor(code: KernelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
