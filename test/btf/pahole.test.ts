import { expect, test } from 'vitest';
import { Btf, BtfKind, type TypeId } from '../../src/btf/index.js';
import { randomNumbers, readVmlinux, runTool, VMLINUX, withFiles } from './blobs.js';

interface PaholeMember {
  readonly name: string;
  readonly bitOffset: number;
  readonly bitfieldWidth: number;
  /** Bytes; of a bit-field those of its storage unit. */
  readonly size: number;
}

interface PaholeStruct {
  readonly name: string;
  readonly size: number;
  /** Anonymous structs and unions flattened; those inside of named members left out. */
  readonly members: readonly PaholeMember[];
}

const OPEN = /^\t.*\{$/;
const CLOSE = /^\t+\}(?: ([^;]*))?;\s+\/\*\s+(\d+)(?::\s*(\d+))?\s+(\d+) \*\/$/;
const MEMBER = /^\t+(\S.*?);\s+\/\*\s+(\d+)(?::\s*(\d+))?\s+(\d+) \*\/$/;
const ATTRIBUTE = / __attribute__\(\(__\w+__(?:\(\d+\))?\)\)/g;
const FUNCTION_POINTER = /\(\*+\s*(?:const )?(\w+)(?:\[\d*\])*\)/;
const DECLARATOR = /(\w+)(?:\[\d*\])*(?::(\d+))?$/;

function declared(declaration: string): { name: string; width: number } {
  const pointer = FUNCTION_POINTER.exec(declaration);
  if (pointer !== null) return { name: pointer[1] as string, width: 0 };
  const plain = DECLARATOR.exec(declaration);
  if (plain === null) throw new Error(`cannot read the member '${declaration}'`);
  return { name: plain[1] as string, width: Number(plain[2] ?? 0) };
}

/** Reads one top level struct of pahole's output, `lines` being what is between its braces and the comment that tells its size. */
function readStruct(name: string, lines: readonly string[]): PaholeStruct {
  const levels: PaholeMember[][] = [[]];
  let size = 0;
  for (const raw of lines) {
    const line = raw.replaceAll(ATTRIBUTE, '');
    const total = /^\t\/\* size: (\d+),/.exec(line);
    if (total !== null) size = Number(total[1]);
    const level = levels.at(-1) as PaholeMember[];
    if (OPEN.test(line)) {
      levels.push([]);
      continue;
    }
    const close = CLOSE.exec(line);
    const match = close ?? MEMBER.exec(line);
    if (match === null) continue;
    const [, text, byte, bit, bytes] = match;
    const inner = close === null ? [] : (levels.pop() as PaholeMember[]);
    const outer = close === null ? level : (levels.at(-1) as PaholeMember[]);
    if (text === undefined) {
      outer.push(...inner);
      continue;
    }
    const { name: member, width } = declared(text);
    outer.push({
      name: member,
      bitOffset: Number(byte) * 8 + Number(bit ?? 0),
      bitfieldWidth: width,
      size: Number(bytes),
    });
  }
  return { name, size, members: levels[0] as PaholeMember[] };
}

function readPahole(text: string): PaholeStruct[] {
  const structs: PaholeStruct[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const name = /^struct (\w+) \{$/.exec(lines[i] as string)?.[1];
    if (name === undefined) continue;
    const end = lines.findIndex((line, at) => at > i && line.startsWith('}'));
    structs.push(readStruct(name, lines.slice(i + 1, end)));
    i = end;
  }
  return structs;
}

function compare(btf: Btf, id: TypeId, struct: PaholeStruct): number {
  expect(btf.sizeOf(id), struct.name).toBe(struct.size);
  for (const expected of struct.members) {
    const what = `${struct.name}.${expected.name}`;
    const member = btf.findMember(id, expected.name);
    expect(member?.bitOffset, what).toBe(expected.bitOffset);
    expect(member?.bitfieldWidth, what).toBe(expected.bitfieldWidth);
    if (expected.bitfieldWidth === 0) expect(btf.sizeOf(member?.type ?? 0), what).toBe(expected.size);
  }
  return struct.members.length;
}

test.each(Object.keys(VMLINUX) as (keyof typeof VMLINUX)[])(
  'sizes and offsets of structs are as pahole computes them: %s',
  kernel => {
    const bytes = readVmlinux(kernel);
    const btf = Btf.parse(bytes);
    const structs = readPahole(withFiles([bytes], path => runTool('pahole', '-F', 'btf', path)));
    // pahole shows one struct of each name: it cannot be told which.
    const unique = structs.filter(({ name }) => btf.findAll(name, BtfKind.Struct).length === 1);
    const random = randomNumbers(612);
    const sample = unique.map(struct => ({ struct, order: random(1 << 30) }));
    sample.sort((a, b) => a.order - b.order);

    const chosen = sample.slice(0, 2500);
    expect(chosen.length).toBe(2500);
    let members = 0;
    for (const { struct } of chosen) {
      members += compare(btf, btf.find(struct.name, BtfKind.Struct) as TypeId, struct);
    }
    expect(members).toBeGreaterThan(15_000);
  },
);
