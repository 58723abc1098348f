import type { Span } from './diagnostic.js';
import type { KernelErrorCode } from './messages.js';

/** Where a caret stands: byte `offset` of the start of word `index`. Undefined offset: the kernel's column is a stray address. */
export interface Column {
  readonly index: number;
  readonly offset: number | undefined;
}

/** An entry for the error log, before its column is turned into a place in the shown command. */
export interface LogEntry {
  readonly code: KernelErrorCode;
  readonly column: Column;
}

/** An entry that another parser of the kernel writes, complete with its own command and column. */
export interface ForeignEntry {
  readonly subsystem: string;
  readonly code: string;
  readonly message: string;
  readonly caret: number;
  readonly command: string;
}

/**
 * The kernel refuses here. Thrown inside this room to leave nested compilation early, always caught by the judge:
 * nothing outside sees it.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** Empty where the kernel logs nothing. */
  readonly entries: readonly (LogEntry | ForeignEntry)[];
  readonly errno: string;
  /** The bytes of the written line to blame, when narrower than the word. */
  readonly span: Span | undefined;

  constructor(errno: string, entries: readonly (LogEntry | ForeignEntry)[], span?: Span) {
    super(entries[0]?.code ?? errno);
    this.errno = errno;
    this.entries = entries;
    this.span = span;
  }
}

/** Leaves with one log entry. */
export function refuse(
  code: KernelErrorCode,
  index: number,
  offset: number | undefined,
  errno = 'EINVAL',
  span?: Span,
): never {
  throw new Refusal(errno, [{ code, column: { index, offset } }], span);
}

/** Leaves with an errno and nothing in the log. */
export function refuseSilently(errno: string): never {
  throw new Refusal(errno, []);
}
