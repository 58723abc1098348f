import type { Btf } from './btf.js';
import { BtfKind, type TypeId } from './kinds.js';
import { isAggregate, isModifier } from './layout.js';

const UNSEEN = 0;
const OPEN = 1;
const DONE = 2;

/**
 * An own type that contains itself by value or renames itself (spec 10 R10-32), or `undefined`. References must be valid. Walks with
 * a stack of its own: damaged types nest deeper than the JavaScript stack allows.
 */
export function findCycle(btf: Btf): TypeId | undefined {
  const { firstId } = btf;
  const state = new Uint8Array(btf.typeCount - firstId);
  const path: { id: TypeId; next: number }[] = [];
  for (let root = firstId; root < btf.typeCount; root++) {
    if (state[root - firstId] !== UNSEEN) continue;
    path.push({ id: root, next: 0 });
    state[root - firstId] = OPEN;
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const target = containedType(btf, top.id, top.next++);
      if (target === undefined) {
        state[top.id - firstId] = DONE;
        path.pop();
        continue;
      }
      // Types of the base cannot refer back to ours.
      if (target < firstId) continue;
      const seen = state[target - firstId];
      if (seen === OPEN) return target;
      if (seen === UNSEEN) {
        state[target - firstId] = OPEN;
        path.push({ id: target, next: 0 });
      }
    }
  }
  return undefined;
}

/** The `index`-th type that a value of this type contains. */
function containedType(btf: Btf, id: TypeId, index: number): TypeId | undefined {
  const kind = btf.kind(id);
  if (isAggregate(kind)) {
    return index < btf.vlen(id) ? btf.memberType(id, index) : undefined;
  }
  if (index > 0) return undefined;
  if (kind === BtfKind.Array) return btf.array(id).element;
  if (isModifier(kind) || kind === BtfKind.Var) return btf.referenced(id);
  return undefined;
}
