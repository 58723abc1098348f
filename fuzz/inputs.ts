import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { withTypes } from '../src/formats/index.js';
import { openDefaultKernel } from '../src/host/index.js';
import { enumeratorValues, type OpenedKernel } from '../src/kernel/index.js';
import { Capture, type TracedEvent } from '../src/records/index.js';

const data = fileURLToPath(new URL('../test/data/', import.meta.url));

/** Recordings of test/data/traces that are changed. */
export const RECORDINGS = ['6.12-cloud', '6.12-cloud-symstr', '6.12-cloud-static'] as const;

/** A recording, as it is. */
export interface RealCapture {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly capture: Capture;
  /** With the types of their fields. */
  readonly events: readonly TracedEvent[];
}

/** Calls `make` once for each key. */
function once<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return key => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

const kernelOf = once((_: 'default'): OpenedKernel => openDefaultKernel());

/** The built-in kernel, from which the recordings are. */
export function kernel(): OpenedKernel {
  return kernelOf('default');
}

const enumerators = once((_: 'default') => enumeratorValues(kernel().types!));

/** Values that print formats name. */
export function constants(name: string): bigint | undefined {
  return name === 'HZ'
    ? 250n
    : name === 'vmemmap_base'
      ? 0xffd4_0000_0000_0000n
      : enumerators('default')(name);
}

export const realCapture = once((name: string): RealCapture => {
  const folder = `${data}traces/${name}/`;
  const files = new Map<string, Uint8Array>();
  for (const file of readdirSync(folder)) {
    const bytes = readFileSync(folder + file);
    files.set(file.replace(/\.gz$/, ''), new Uint8Array(file.endsWith('.gz') ? gunzipSync(bytes) : bytes));
  }
  const capture = new Capture(files);
  return { files, capture, events: withTypes(capture.events, kernel()) };
});

/** The files of test/data/trace-dat. */
export const realTraceDats = once((_: 'all'): readonly Uint8Array[] =>
  readdirSync(`${data}trace-dat`)
    .filter(file => file.endsWith('.dat'))
    .map(file => new Uint8Array(readFileSync(`${data}trace-dat/${file}`))),
);

/** Bytes as text, one a character. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function latin1Bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
