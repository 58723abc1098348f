import type { Kernel } from '../src/kernel/index.js';
import type { Case } from './wire.js';

/** The case, with the tag `offset` when its answer depends on the kernel's code, which is not known here. */
export function markOffset(kernel: Kernel, made: Case): Case {
  if (made.tags.includes('offset') || !dependsOnCode(kernel, made)) return made;
  return { ...made, tags: [...made.tags, 'offset'] };
}

/** A kprobe inside a function: whether an instruction begins there is not known here. */
function dependsOnCode(kernel: Kernel, { def, setup = [] }: Case): boolean {
  return [...setup, def].some(text =>
    text.split('\n').some(line => {
      const [, place = ''] = /^[\s\0]*[pr]\S*\s+(\S+)/.exec(line) ?? [];
      if (place.includes('/')) return false;
      const number = /^\+?(0x[\da-f]+|\d+)/i.exec(place)?.[1];
      if (number !== undefined) return isInsideFunction(kernel, number);
      const [, name = '', offset] = /^(?:\w+:)?([^+]*)\+(.*?)(?:%return)?$/.exec(place) ?? [];
      if (offset === undefined || /^\+?(0x)?0*$/i.test(offset)) return false;
      return !/^\+?(0x)?0*4$/i.test(offset) || kernel.functions.siteOffset(name) === undefined;
    }),
  );
}

function isInsideFunction(kernel: Kernel, number: string): boolean {
  if (!/^(0x[\da-f]+|[1-9]\d*|0[0-7]*)$/i.test(number)) return false;
  const octal = /^0[0-7]+$/.test(number);
  const address = BigInt(octal ? `0o${number}` : number);
  const found = kernel.symbols.resolve(address);
  if (found === undefined) return false;
  return found.offset !== 0 && found.offset !== kernel.functions.siteOffsetAt(address - BigInt(found.offset));
}
