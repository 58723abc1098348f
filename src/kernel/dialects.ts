import { buildDialect, dialectFeatures } from './dialect.js';
import type { Dialect } from './types.js';

/** A dialect of the probe language that is known by name. */
export interface NamedDialect {
  /** The first kernel that speaks so: `6.12`. */
  readonly name: string;
  readonly dialect: Dialect;
}

const early: readonly (keyof Dialect)[] = [
  'eprobe',
  'eprobeFilter',
  'functionArgs',
  'userDeref',
  'immediates',
  'ustring',
  'symstr',
  'arrays',
  'appendEvents',
];
const withTypes: readonly (keyof Dialect)[] = [
  ...early,
  'fprobe',
  'tprobe',
  'btfArgs',
  'btfFields',
  'charType',
];

/** Known dialects, oldest first. */
export const dialects: readonly NamedDialect[] = [
  { name: '6.1', dialect: having(early) },
  { name: '6.6', dialect: having(withTypes) },
  { name: '6.12', dialect: having(dialectFeatures) },
];

/** The dialect that understands everything known here. */
export const newestDialect: Dialect = dialects.at(-1)!.dialect;

function having(features: readonly (keyof Dialect)[]): Dialect {
  return buildDialect(feature => features.includes(feature));
}
