import type { BodyEmitter, EmittedNumber } from './body-emitter.js';
import type { ByteText } from './byte-text.js';
import type { BodyWriter } from './generated-text.js';
import type { PageRecord } from './page-record.js';

/** Writes the part of a line behind `NAME: ` for the records of one event. */
export interface BodyPrinter {
  /** JavaScript that does the same for records of `fixedSize` bytes and more; `undefined` where there is none, or not yet. */
  readonly whole: BodyWriter | undefined;
  readonly fixedSize: number;
  print(out: ByteText, record: PageRecord): void;
  /** Tells the code for records of `fixedSize` bytes and more; a printer without it has none. */
  emit?<N extends EmittedNumber>(emitter: BodyEmitter<N>): void;
}
