import { fromByteString } from '../language/index.js';
import type { MeantValue, ValueMeaning } from './meaning.js';

/**
 * A meaning as people read it: `true`, `FS_CONTEXT_FOR_MOUNT`, `FMODE_READ|FMODE_LSEEK|0x40`, `ENOENT`, `vfs_read+0x0`,
 * `127.0.0.1`, `{pid=4, comm="sh"}`; '' for a number that no enumerator has.
 */
export function meaningText(meaning: ValueMeaning): string {
  switch (meaning.kind) {
    case 'bool':
    case 'host':
      return String(meaning.value);
    case 'enum':
      return meaning.name ?? '';
    case 'flags': {
      const rest = meaning.rest === 0n ? [] : [`0x${meaning.rest.toString(16)}`];
      return [...meaning.names, ...rest].join('|') || '0';
    }
    case 'errno':
      return meaning.name;
    case 'symbol':
      return fromByteString(`${meaning.symbol.name}+0x${meaning.symbol.offset.toString(16)}`);
    case 'address':
    case 'text':
      return meaning.text;
    case 'elements':
      return `{${meaning.elements.map(meantText).join(', ')}}`;
    case 'members':
      return `{${[...meaning.members].map(([name, value]) => `${name}=${meantText(value)}`).join(', ')}}`;
    default:
      return meaning satisfies never;
  }
}

function meantText({ value, isPointer, meaning }: MeantValue): string {
  const text = meaning === undefined ? '' : meaningText(meaning);
  if (meaning?.kind === 'text') return JSON.stringify(text);
  if (text !== '' || value === null) return text;
  return isPointer ? `0x${value.toString(16)}` : String(value);
}
