import { type ByteSource, bytesSource, TraceDat } from '../../src/formats/index.js';
import { loadDecompressors } from '../../src/host/index.js';
import type { FuzzTarget } from '../case.js';
import { realTraceDats } from '../inputs.js';
import { Mutator } from '../mutate.js';
import { writeAll } from '../write.js';

const decompressors = await loadDecompressors();

/** Reads of this many bytes or fewer are of numbers and names, not of records. */
const SMALL_READ = 64;

const places = new Map<Uint8Array, readonly number[]>();

/** Where a reader looks for numbers: where it reads little, and where each piece begins. */
function headers(file: Uint8Array): readonly number[] {
  const known = places.get(file);
  if (known !== undefined) return known;
  const found = new Set<number>();
  const memory = bytesSource(file);
  const source: ByteSource = {
    size: memory.size,
    read(offset, length) {
      for (let at = offset; at < offset + Math.min(length, SMALL_READ); at += 2) found.add(at);
      return memory.read(offset, length);
    },
  };
  readAll(source);
  places.set(file, [...found]);
  return places.get(file)!;
}

function readAll(source: ByteSource): void {
  const file = new TraceDat(source, decompressors);
  for (const name of file.buffers) writeAll(file.recording(name));
}

/** Files of trace-cmd. */
export const traceDat: FuzzTarget = {
  make(random) {
    const file = random.pick(realTraceDats('all'));
    return { 'trace.dat': new Mutator(random).bytes(file, headers(file)) };
  },

  run(parts) {
    readAll(bytesSource(parts['trace.dat']!));
  },
};
