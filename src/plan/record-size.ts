import type { RecordLayout } from '../kernel/index.js';
import type { RecordSize } from './candidate.js';

/** A record of the kernel's own ring buffer: its header, and the record filled up to words of four bytes (spec 11). */
export function ringRecordSize(layout: RecordLayout): RecordSize {
  const fields = [...layout.common, ...layout.fields];
  const end = Math.max(0, ...fields.map(({ offset, size }) => offset + size));
  const texts = fields.some(({ type, array }) => type.startsWith('__data_loc') || array === '');
  return { bytes: 4 + Math.ceil(end / 4) * 4, texts };
}
