import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createSymbolTable, type RecordLayout } from '../../src/kernel/index.js';
import type { BodyPrinter } from '../../src/records/body-printer.js';
import {
  ByteText,
  Capture,
  PageRecord,
  type SymbolNames,
  type TracedEvent,
  type TraceRecord,
  type TraceText,
} from '../../src/records/index.js';
import { WORTH_SCRIPT } from '../../src/records/late-script.js';

const traces = new URL('../data/traces/', import.meta.url);

/** A recording of test/data/traces: the capture, and what the kernel printed for it. */
export interface Recording {
  readonly capture: Capture;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly symbols: SymbolNames;
  /** Lines of the kernel's text, bytes as characters, without the comment lines. */
  readonly lines: readonly string[];
  /** The whole text. */
  readonly text: string;
}

export function loadRecording(name: string): Recording {
  const folder = new URL(`${name}/`, traces);
  const files = new Map<string, Uint8Array>();
  for (const file of readdirSync(folder)) {
    const bytes = readFileSync(new URL(file, folder));
    files.set(file.replace(/\.gz$/, ''), file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  }
  const kallsyms = gunzipSync(readFileSync(new URL('../../kernels/6.12-cloud/kallsyms.gz', import.meta.url)));
  const symbols = createSymbolTable(kallsyms, [files.get('kallsyms-more')!]);
  const text = latin1(files.get('trace.txt')!);
  const lines = text.split('\n').filter(line => !line.startsWith('#'));
  return { capture: new Capture(files), files, symbols, lines, text };
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Prints a record so often that a printer makes its code, if it makes any. */
export function meetOften(printer: BodyPrinter, record: PageRecord): void {
  for (let count = 0; count < WORTH_SCRIPT; count++) printer.print(new ByteText(16), record);
}

/** The line of a record: the same when its event is met first as when it was met so often that there is code for it. */
export function lineOf(text: TraceText, record: TraceRecord): string {
  text.record(record);
  const first = latin1(text.take());
  for (let count = 0; count < WORTH_SCRIPT; count++) {
    text.take();
    text.record(record);
  }
  const last = latin1(text.take());
  if (last !== first) throw new Error(`code prints ${last}, not ${first}`);
  return first;
}

export const noSymbols: SymbolNames = { resolve: () => undefined };

const common = [
  { name: 'common_type', type: 'unsigned short', offset: 0, size: 2, signed: false, array: undefined },
  { name: 'common_flags', type: 'unsigned char', offset: 2, size: 1, signed: false, array: undefined },
  {
    name: 'common_preempt_count',
    type: 'unsigned char',
    offset: 3,
    size: 1,
    signed: false,
    array: undefined,
  },
  { name: 'common_pid', type: 'int', offset: 4, size: 4, signed: true, array: undefined },
];

/** An event with the usual common fields; `fields` are `[type, name, offset, size, signed?, array?]`. */
export function eventOf(
  printFmt: string,
  fields: readonly (readonly [string, string, number, number, boolean?, string?])[],
  definition?: string,
  name = 'ev',
): TracedEvent {
  const layout: RecordLayout = {
    group: 'grp',
    name,
    id: 7,
    common,
    fields: fields.map(([type, field, offset, size, signed, array]) => ({
      type,
      name: field,
      offset,
      size,
      signed: signed ?? false,
      array,
    })),
    printFmt,
  };
  return { group: 'grp', name, definition, layout };
}

/** A record with given bytes behind the common fields, which say type 7, flags and pid 42. */
export function recordOf(event: TracedEvent, tail: Uint8Array, time = 1_000_000n, flags = 0): PageRecord {
  const bytes = new Uint8Array(8 + tail.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 7, true);
  view.setUint8(2, flags);
  view.setInt32(4, 42, true);
  bytes.set(tail, 8);
  return PageRecord.of({ event, cpu: 1, time, pid: 42, comm: 'cat', bytes });
}
