import { Btf, type BtfKind } from '../../src/btf/index.js';

const STRING_LENGTH_AT = 20;

/** The name that `nameById` gives a type. */
export function idName(id: number): string {
  return `type_${id}`;
}

/** A copy of a blob in which every type of these kinds is called by its id, unnamed ones too. */
export function nameById(blob: Uint8Array, kinds: readonly BtfKind[]): Uint8Array {
  const btf = Btf.parse(blob);
  const copy = Uint8Array.from(blob);
  const view = new DataView(copy.buffer);
  const names: string[] = [];
  // The strings are the last section, so that more of them only make the blob longer.
  let end = view.getUint32(STRING_LENGTH_AT, true);
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    if (!kinds.includes(btf.kind(id))) continue;
    const name = `${idName(id)}\0`;
    view.setUint32(btf.blobOffset(id), end, true);
    end += name.length;
    names.push(name);
  }
  view.setUint32(STRING_LENGTH_AT, end, true);
  return Buffer.concat([copy, Buffer.from(names.join(''))]);
}
