import type { SimMemory } from './memory.js';
import type { KernelObject } from './objects.js';

/** Makes a `list_head` an empty list, or the entry of none. */
export function linkToItself(object: KernelObject, path: string): void {
  object.set(`${path}.next`, object.addressOf(path));
  object.set(`${path}.prev`, object.addressOf(path));
}

/** Makes two `list_head`s, given by address, neighbours. */
export function linkNeighbours(memory: SimMemory, before: bigint, after: bigint): void {
  memory.writeInteger(before, 8, after);
  memory.writeInteger(after + 8n, 8, before);
}
