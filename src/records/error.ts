/** What was wrong with recorded bytes or with what describes them. */
export type RecordErrorCode =
  /** `header_page` or `header_event` says something else than this reader knows (spec 11 R11-1, R11-2). */
  | 'header'
  /** A sub-buffer's own header is impossible: length, flags or lost count (spec 11 R11-6). */
  | 'page'
  /** An event inside a sub-buffer is impossible: its length passes the end, or it is too short. */
  | 'event'
  /** Bytes end inside a sub-buffer. */
  | 'truncated'
  /** A record is larger than a sub-buffer can hold (spec 11 R11-12). */
  | 'too-large'
  /** A capture folder lacks a file or has one that cannot be read. */
  | 'capture';

/** Damaged or unreadable recorded data. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly code: RecordErrorCode;
  /** Bytes from the start of the given bytes to the damage; `undefined` for text. */
  readonly offset: number | undefined;

  constructor(code: RecordErrorCode, message: string, offset?: number) {
    super(offset === undefined ? message : `${message} (at byte ${offset})`);
    this.code = code;
    this.offset = offset;
  }
}
