import { describe, expect, test } from 'vitest';
import { Btf, BtfKind, kindName } from '../../src/btf/index.js';
import { MODULES, readModule, readVmlinux, runTool, VMLINUX, withFiles } from './blobs.js';

const LINKAGE = ['static', 'global', 'extern'];
const named = (name: string): string => name || '(anon)';
const sign = (btf: Btf, id: number): string => (btf.kindFlag(id) ? 'SIGNED' : 'UNSIGNED');

/** A type in the words of `bpftool btf dump format raw -j`; the value of an enumerator as text. */
function described(btf: Btf, id: number): object {
  const kind = btf.kind(id);
  const head = { id, kind: kindName(kind), name: named(btf.nameOf(id)) };
  switch (kind) {
    case BtfKind.Int: {
      const { bits, bitOffset, signed, char, bool } = btf.int(id);
      const encoding = signed ? 'SIGNED' : char ? 'CHAR' : bool ? 'BOOL' : '(none)';
      return { ...head, size: btf.sizeOf(id), bits_offset: bitOffset, nr_bits: bits, encoding };
    }
    case BtfKind.Array: {
      const { element, index, count } = btf.array(id);
      return { ...head, type_id: element, index_type_id: index, nr_elems: count };
    }
    case BtfKind.Struct:
    case BtfKind.Union: {
      const members = [...btf.members(id)].map(({ name, type, bitOffset, bitfieldWidth }) => ({
        name: named(name),
        type_id: type,
        bits_offset: bitOffset,
        ...(bitfieldWidth === 0 ? {} : { bitfield_size: bitfieldWidth }),
      }));
      return { ...head, size: btf.sizeOf(id), vlen: btf.memberCount(id), members };
    }
    case BtfKind.Enum:
    case BtfKind.Enum64: {
      const values = btf.enumerators(id).map(({ name, value }) => ({ name, val: `${value}` }));
      return { ...head, encoding: sign(btf, id), size: btf.sizeOf(id), vlen: values.length, values };
    }
    case BtfKind.Fwd:
      return { ...head, fwd_kind: btf.kindFlag(id) ? 'union' : 'struct' };
    case BtfKind.Func:
      return { ...head, type_id: btf.referenced(id), linkage: LINKAGE[btf.vlen(id)] };
    case BtfKind.FuncProto: {
      const params = btf.parameters(id).map(({ name, type }) => ({ name: named(name), type_id: type }));
      return { ...head, ret_type_id: btf.referenced(id), vlen: params.length, params };
    }
    case BtfKind.Var:
      return { ...head, type_id: btf.referenced(id), linkage: LINKAGE[btf.trailingWord(id) ?? -1] };
    case BtfKind.Datasec: {
      const vars = btf
        .sectionVariables(id)
        .map(({ type, offset, size }) => ({ type_id: type, offset, size }));
      return { ...head, size: btf.sizeOf(id), vlen: vars.length, vars };
    }
    case BtfKind.Float:
      return { ...head, size: btf.sizeOf(id) };
    case BtfKind.DeclTag:
      return { ...head, type_id: btf.referenced(id), component_idx: btf.componentIndex(id) };
    default:
      return { ...head, type_id: btf.referenced(id) };
  }
}

interface DumpedType {
  readonly id: number;
  readonly kind: string;
  readonly encoding?: string;
  readonly values?: { val: string }[];
}

/** bpftool 7.1 prints unsigned 32-bit values from 2^31 on as if they were negative and 64 bits wide. */
function narrowValues({ values = [] }: DumpedType): void {
  for (const value of values) value.val = `${BigInt.asUintN(32, BigInt(value.val))}`;
}

/** What bpftool says, by id. Values are kept as text: some do not fit a JavaScript number. */
function dumped(json: string): Map<number, object> {
  const exact = json.replaceAll(/"val":(-?\d+)/g, '"val":"$1"');
  const { types } = JSON.parse(exact) as { types: DumpedType[] };
  for (const type of types) if (type.kind === 'ENUM' && type.encoding === 'UNSIGNED') narrowValues(type);
  return new Map(types.map(type => [type.id, type]));
}

function compare(btf: Btf, expected: Map<number, object>): void {
  expect(btf.typeCount - btf.firstId).toBe(expected.size);
  for (let id = btf.firstId; id < btf.typeCount; id++) {
    const ours = described(btf, id);
    const theirs = expected.get(id);
    // Texts first: the deep comparison of a hundred thousand types takes a minute.
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) expect(ours).toEqual(theirs);
  }
}

describe('every type is as bpftool dumps it', () => {
  test.each(Object.keys(VMLINUX) as (keyof typeof VMLINUX)[])('vmlinux of %s', kernel => {
    const bytes = readVmlinux(kernel);
    const json = withFiles([bytes], path =>
      runTool('bpftool', '-j', 'btf', 'dump', 'file', path, 'format', 'raw'),
    );
    compare(Btf.parse(bytes), dumped(json));
  });

  test('the modules of 6.12', () => {
    const baseBytes = readVmlinux('6.12');
    const base = Btf.parse(baseBytes);
    expect(MODULES.length).toBe(13);
    const blobs = MODULES.map(readModule);
    withFiles([baseBytes, ...blobs], (basePath, ...paths) => {
      blobs.forEach((bytes, i) => {
        const options = ['-j', '-B', basePath as string];
        const json = runTool(
          'bpftool',
          ...options,
          'btf',
          'dump',
          'file',
          paths[i] as string,
          'format',
          'raw',
        );
        compare(Btf.parse(bytes, { base }), dumped(json));
      });
    });
  });
});
