import { gunzipSync, gzipSync } from 'node:zlib';
import { Random } from '../differential/random.js';
import { formats } from './targets/formats.js';
import { pages } from './targets/pages.js';
import { traceDat } from './targets/trace-dat.js';

/** The bytes of one case by name: what a reader is given. */
export type Parts = Readonly<Record<string, Uint8Array>>;

/** A way to read bytes from outside. */
export interface FuzzTarget {
  /** Real input of the repository, changed in a few places. */
  make(random: Random): Parts;
  /** Reads it in every way there is. Throws what the readers throw. */
  run(parts: Parts): void;
}

/** All targets by name. */
export const targets = { pages, formats, 'trace-dat': traceDat } as const satisfies Record<
  string,
  FuzzTarget
>;

export type TargetName = keyof typeof targets;

/** A case that was found, as it is kept in a file. */
export interface SavedCase {
  readonly target: TargetName;
  /** Where it came from and what was wrong with it. */
  readonly about: string;
  readonly parts: Parts;
}

/** Case `index` of a seed; the same each time as long as inputs and mutations are the same. */
export function makeCase(target: TargetName, seed: number, index: number): Parts {
  return targets[target].make(new Random(seed * 0x1_0000_0000 + index));
}

/** Errors that say to a caller, by a literal code, what is wrong with the input. */
const TYPED = new Set(['RecordError', 'KernelError', 'TraceDatError']);

/** What came of a case. */
export type Outcome =
  | { readonly kind: 'read' }
  /** An error that readers promise. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Any other. */
  | { readonly kind: 'stray'; readonly error: unknown };

export function runCase(target: TargetName, parts: Parts): Outcome {
  try {
    targets[target].run(parts);
    return { kind: 'read' };
  } catch (error) {
    if (error instanceof Error && TYPED.has(error.name) && 'code' in error)
      return { kind: 'refused', code: `${error.name} ${error.code}` };
    return { kind: 'stray', error };
  }
}

/** Bytes of all parts together. */
export function sizeOf(parts: Parts): number {
  return Object.values(parts).reduce((sum, bytes) => sum + bytes.length, 0);
}

/** A case as the bytes of a file. */
export function encodeCase({ target, about, parts }: SavedCase): Uint8Array {
  const base64 = Object.entries(parts).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
  return gzipSync(JSON.stringify({ target, about, parts: Object.fromEntries(base64) }));
}

/** Reads what `encodeCase` wrote. */
export function decodeCase(file: Uint8Array): SavedCase {
  const { target, about, parts } = JSON.parse(gunzipSync(file).toString()) as {
    target: TargetName;
    about: string;
    parts: Record<string, string>;
  };
  const bytes = Object.entries(parts).map(([name, text]) => [
    name,
    new Uint8Array(Buffer.from(text, 'base64')),
  ]);
  return { target, about, parts: Object.fromEntries(bytes) };
}
