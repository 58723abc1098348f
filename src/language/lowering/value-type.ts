import { type Btf, BtfKind, type TypeId } from '../../btf/index.js';
import type { ProbeArgument } from '../event.js';
import type { FetchOp } from '../program.js';

/** The type to write behind plain offsets so that the value is stored as the kernel would store the member. */
export function bitfieldType(width: number, remainder: number): string {
  const container = [8, 16, 32, 64].find(bits => bits >= width + remainder) ?? 64;
  return `b${width}@${remainder}/${container}`;
}

/** The fetch type that fits a C type: by its size where the kernel has no rule for it. */
export function fittingType(btf: Btf, id: TypeId): string {
  const type = btf.skipModifiers(id);
  switch (btf.kind(type)) {
    case BtfKind.Int: {
      const { signed, bits } = btf.int(type);
      const size = [8, 16, 32, 64].find(width => width >= bits) ?? 64;
      return `${signed ? 's' : 'u'}${size}`;
    }
    case BtfKind.Enum:
      return 's32';
    case BtfKind.Enum64:
      return 's64';
    default:
      return 'x64';
  }
}

/**
 * The type of an argument in words of every kernel: stored in as many bytes, whatever it is called. A bitfield's
 * container has the size of the member's type; the kernel itself shifts in 8 bytes (spec 02 section 3.4).
 */
export function writtenType({ body, type, count, program }: ProbeArgument): string {
  const array = count > 0 ? `[${count}]` : '';
  const written = /:([^[]+)/.exec(body)?.[1];
  const bits = program.find((op): op is FetchOp & { op: 'MOD_BF' } => op.op === 'MOD_BF');
  if (bits !== undefined && written === undefined) {
    const width = bits.base * 8 - bits.right;
    const remainder = bits.base * 8 - width - bits.left;
    return `b${width}@${remainder}/${type.size * 8}${array}`;
  }
  const name = written ?? type.name;
  return `${name === 'char' ? 'u8' : name}${array}`;
}
