/** Why bytes are no readable trace.dat. */
export type TraceDatErrorCode =
  /** They do not begin as such a file. */
  | 'magic'
  /** A version other than 6 and 7, or an impossible word in the initial part. */
  | 'version'
  /** Something passes the end of the file. */
  | 'truncated'
  /** A length, an offset or a count contradicts the rest, or lies beyond every sensible limit. */
  | 'damaged'
  /** A part is compressed in a way that nothing at hand can decompress, or it does not decompress. */
  | 'compression'
  /** A part without which records cannot be read is not there. */
  | 'missing';

/** A trace.dat that cannot be read. */
export class TraceDatError extends Error {
  override readonly name = 'TraceDatError';
  readonly code: TraceDatErrorCode;
  /** Byte of the file; `undefined` where none is to blame. */
  readonly offset: number | undefined;

  constructor(code: TraceDatErrorCode, message: string, offset?: number, cause?: unknown) {
    super(
      offset === undefined ? message : `${message} (at byte ${offset})`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.offset = offset;
  }
}
