import { RecordError } from './error.js';

/** Shape of the sub-buffers of one trace buffer (spec 11 section 1). */
export interface PageFormat {
  /** Bytes of a machine word of the traced kernel. */
  readonly wordSize: 4 | 8;
  readonly littleEndian: boolean;
  /** Bytes before the event data. */
  readonly dataOffset: number;
  /** Bytes of a whole sub-buffer. */
  readonly size: number;
}

/** Sub-buffers of a 64-bit little-endian kernel with 4096-byte pages, as most machines have them. */
export const COMMON_PAGE_FORMAT: PageFormat = { wordSize: 8, littleEndian: true, dataOffset: 16, size: 4096 };

const LARGEST_PAGE = 1 << 26;
const FIELD = /^\s*field:\s*[\w ]+?(\w+);\s*offset:(\d+);\s*size:(\d+);\s*signed:[01];\s*$/;

/**
 * Reads the text of a buffer's `events/header_page`. The byte order is not told there; it is the traced machine's.
 * Throws `RecordError` `header` for anything else than the known layout.
 */
export function parseHeaderPage(text: string, littleEndian = true): PageFormat {
  const fields = new Map<string, { offset: number; size: number }>();
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const match = FIELD.exec(line);
    if (match === null) throw new RecordError('header', `header_page: line not understood: ${line.trim()}`);
    fields.set(match[1]!, { offset: Number(match[2]), size: Number(match[3]) });
  }
  const timestamp = fields.get('timestamp');
  const commit = fields.get('commit');
  const data = fields.get('data');
  if (timestamp === undefined || commit === undefined || data === undefined) {
    throw new RecordError('header', 'header_page: timestamp, commit or data is missing');
  }
  const wordSize = commit.size;
  if (wordSize !== 4 && wordSize !== 8) {
    throw new RecordError('header', `header_page: commit of ${wordSize} bytes; 4 or 8 expected`);
  }
  const size = data.offset + data.size;
  const known =
    timestamp.offset === 0 &&
    timestamp.size === 8 &&
    commit.offset === 8 &&
    data.offset >= 8 + wordSize &&
    data.size >= 8 &&
    size <= LARGEST_PAGE;
  if (!known) throw new RecordError('header', 'header_page: a layout that this reader does not know');
  return { wordSize, littleEndian, dataOffset: data.offset, size };
}

const EVENT_HEADER: readonly (readonly [label: string, pattern: RegExp])[] = [
  ['type_len of 5 bits', /^\s*type_len\s*:\s*5 bits$/m],
  ['time_delta of 27 bits', /^\s*time_delta\s*:\s*27 bits$/m],
  ['array of 32 bits', /^\s*array\s*:\s*32 bits$/m],
  ['padding type 29', /^\s*padding\s*:\s*type == 29$/m],
  ['time_extend type 30', /^\s*time_extend\s*:\s*type == 30$/m],
  ['time_stamp type 31', /^\s*time_stamp\s*:\s*type == 31$/m],
  ['data max type_len 28', /^\s*data max type_len\s*==\s*28$/m],
];

/** Checks the text of `events/header_event`; throws `RecordError` `header` when a number is not the known one (spec 11 R11-2). */
export function checkHeaderEvent(text: string): void {
  for (const [label, pattern] of EVENT_HEADER) {
    if (!pattern.test(text)) throw new RecordError('header', `header_event: expected ${label}`);
  }
}
