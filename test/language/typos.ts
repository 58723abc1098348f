import { BtfKind } from '../../src/btf/index.js';
import type { Kernel } from '../../src/kernel/index.js';
import { fetchTypeNames } from '../../src/language/index.js';

// Seeded slips of the finger over the names of one kernel.

export type NameSort = 'function' | 'parameter' | 'field' | 'type' | 'tracepoint';

/** A line with one mistyped name. */
export interface Typo {
  readonly sort: NameSort;
  readonly slip: string;
  readonly intended: string;
  readonly definition: string;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Slip = (name: string, at: number, random: () => number) => string;

const letters = 'abcdefghijklmnopqrstuvwxyz';

const slips: Readonly<Record<string, Slip>> = {
  drop: (name, at) => name.slice(0, at) + name.slice(at + 1),
  double: (name, at) => name.slice(0, at + 1) + name.slice(at),
  swap: (name, at) => name.slice(0, at) + (name[at + 1] ?? '') + name[at]! + name.slice(at + 2),
  replace: (name, at, random) =>
    name.slice(0, at) + letters[Math.floor(random() * letters.length)]! + name.slice(at + 1),
  'wrong case': (name, at) => name.slice(0, at) + name[at]!.toUpperCase() + name.slice(at + 1),
  'missing underscore': name => name.replace(/(?<=\w)_/, ''),
};

/** So many lines, the sorts of names in turn, that the kernel refuses (or, for tracepoints, accepts as unknown). */
export function typos(kernel: Kernel, seed: number, count: number): Typo[] {
  const random = randomNumbers(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const functions = kernel.functions.names().filter(name => /^[A-Za-z_]\w{3,}$/.test(name));
  const tracepoints = kernel.tracepoints();
  const known = new Set(kernel.functions.names());
  const sorts: readonly NameSort[] = ['function', 'parameter', 'field', 'type', 'tracepoint'];

  const slipped = (
    name: string,
    taken: (other: string) => boolean,
  ): { slip: string; text: string } | undefined => {
    const slip = pick(Object.keys(slips));
    const at = Math.floor(random() * name.length);
    const text = slips[slip]!(name, at, random);
    return text === name || text === '' || taken(text) ? undefined : { slip, text };
  };

  const make = (sort: NameSort): Typo | undefined => {
    if (sort === 'function') {
      const intended = pick(functions);
      const typo = slipped(intended, name => known.has(name));
      return typo && { sort, slip: typo.slip, intended, definition: `f ${typo.text}` };
    }
    if (sort === 'tracepoint') {
      const intended = pick(tracepoints);
      const typo = slipped(intended, name => kernel.hasTracepoint(name));
      return typo && { sort, slip: typo.slip, intended, definition: `t ${typo.text}` };
    }
    const name = pick(functions);
    using types = kernel.findFunction(name);
    if (types === undefined) return undefined;
    const { btf, proto } = types;
    const parameters = btf.parameters(proto).filter(parameter => parameter.name !== '');
    if (parameters.length === 0) return undefined;
    const parameter = pick(parameters);
    if (sort === 'parameter') {
      if (parameter.name.length < 2) return undefined;
      const typo = slipped(parameter.name, other => parameters.some(one => one.name === other));
      return (
        typo && { sort, slip: typo.slip, intended: parameter.name, definition: `f ${name} ${typo.text}` }
      );
    }
    if (sort === 'type') {
      const intended = pick(fetchTypeNames);
      const typo = slipped(intended, other => fetchTypeNames.includes(other));
      return typo && { sort, slip: typo.slip, intended, definition: `f ${name} x=+0($arg1):${typo.text}` };
    }
    const pointer = btf.skipModifiers(parameter.type);
    if (btf.kind(pointer) !== BtfKind.Ptr) return undefined;
    const struct = btf.skipModifiers(btf.referenced(pointer));
    if (btf.kind(struct) !== BtfKind.Struct) return undefined;
    const members = [...btf.members(struct)].map(member => member.name).filter(member => member.length > 1);
    if (members.length === 0) return undefined;
    const intended = pick(members);
    const typo = slipped(intended, other => btf.findMember(struct, other) !== undefined);
    if (typo === undefined) return undefined;
    return { sort, slip: typo.slip, intended, definition: `f ${name} ${parameter.name}->${typo.text}` };
  };

  const made: Typo[] = [];
  while (made.length < count) {
    const typo = make(sorts[made.length % sorts.length]!);
    if (typo !== undefined) made.push(typo);
  }
  return made;
}
