import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Btf, BtfBuilder, BtfError, BtfKind, openBtfBytes, readElfSections } from '../../src/btf/index.js';
import { readModule, readVmlinux } from './blobs.js';
import { everyKind } from './every-kind.js';

function codeOf(question: () => unknown): string {
  try {
    question();
    return 'none';
  } catch (error) {
    return error instanceof BtfError ? error.code : `${error}`;
  }
}

interface ElfForm {
  readonly wide: boolean;
  readonly littleEndian: boolean;
}

/** A minimal ELF file with these sections. */
function elfWith(sections: Record<string, Uint8Array>, { wide, littleEndian }: ElfForm): Uint8Array {
  const names = ['', '.shstrtab', ...Object.keys(sections)];
  const text = new TextEncoder().encode(`${names.join('\0')}\0`);
  const contents = [new Uint8Array(0), text, ...Object.values(sections)];
  const headerSize = wide ? 64 : 52;
  const entrySize = wide ? 64 : 40;
  const total =
    headerSize + contents.reduce((sum, { length }) => sum + length, 0) + entrySize * contents.length;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const number = (at: number, value: number): void => {
    view.setUint32(wide && !littleEndian ? at + 4 : at, value, littleEndian);
  };
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, littleEndian ? 1 : 2, 1]);
  let at = headerSize;
  const table = total - entrySize * contents.length;
  contents.forEach((content, i) => {
    bytes.set(content, at);
    const entry = table + i * entrySize;
    const nameOffset = names.slice(0, i).reduce((sum, { length }) => sum + length + 1, 0);
    view.setUint32(entry, nameOffset, littleEndian);
    view.setUint32(entry + 4, i === 0 ? 0 : 1, littleEndian);
    number(entry + (wide ? 24 : 16), at);
    number(entry + (wide ? 32 : 20), content.length);
    at += content.length;
  });
  number(wide ? 0x28 : 0x20, table);
  view.setUint16(wide ? 0x3a : 0x2e, entrySize, littleEndian);
  view.setUint16(wide ? 0x3c : 0x30, contents.length, littleEndian);
  view.setUint16(wide ? 0x3e : 0x32, 1, littleEndian);
  return bytes;
}

const wide = { wide: true, littleEndian: true };

describe('containers', () => {
  const blob = everyKind(new BtfBuilder()).build();

  test.each([true, false])('ELF of both classes, little endian %s', littleEndian => {
    const types = everyKind(new BtfBuilder({ littleEndian })).build();
    const other = new Uint8Array(3);
    for (const wide of [true, false]) {
      const file = elfWith({ '.text': other, '.BTF': types, '.BTF.ext': other }, { wide, littleEndian });
      expect(openBtfBytes(file).find('point', BtfKind.Struct)).toBeDefined();
      expect([...readElfSections(file, ['.BTF.ext']).keys()]).toEqual(['.BTF.ext']);
    }
  });

  test('the ELF class tells the pointer size when the types do not', () => {
    const builder = new BtfBuilder();
    const pointer = builder.pointer(0);
    const file = (wide: boolean) => elfWith({ '.BTF': builder.build() }, { wide, littleEndian: true });
    expect(openBtfBytes(file(false)).sizeOf(pointer)).toBe(4);
    expect(openBtfBytes(file(true)).sizeOf(pointer)).toBe(8);
    builder.int('long unsigned int', 8);
    expect(openBtfBytes(file(false)).sizeOf(pointer)).toBe(8);
  });

  test('compressed input', () => {
    const packed = gzipSync(blob);
    expect(openBtfBytes(packed, { decompress: gunzipSync }).find('point', BtfKind.Struct)).toBeDefined();
    expect(codeOf(() => openBtfBytes(packed))).toBe('compressed');
    expect(codeOf(() => openBtfBytes(packed.subarray(0, 30), { decompress: gunzipSync }))).toBe('compressed');
    expect(() => openBtfBytes(new Uint8Array([0x28, 0xb5, 0x2f, 0xfd]))).toThrow('zstd -d');
    expect(() => openBtfBytes(new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a]))).toThrow('xz -d');
  });

  test('other input', () => {
    expect(codeOf(() => openBtfBytes(new Uint8Array(0)))).toBe('not-btf');
    expect(codeOf(() => openBtfBytes(new TextEncoder().encode('#!/bin/sh')))).toBe('not-btf');
    expect(codeOf(() => openBtfBytes(elfWith({ '.text': blob }, wide)))).toBe('no-section');
  });

  test('an ELF file cut at every byte is refused', () => {
    const file = elfWith({ '.BTF': blob }, wide);
    for (let length = 0; length < file.length; length++) {
      expect(['not-btf', 'bad-elf']).toContain(codeOf(() => openBtfBytes(file.slice(0, length))));
    }
  });

  test('bytes at every alignment, also in the pool of Node', () => {
    for (let shift = 0; shift < 4; shift++) {
      const shifted = Buffer.from([...new Uint8Array(shift), ...blob]).subarray(shift);
      expect(Btf.parse(shifted).find('point', BtfKind.Struct)).toBe(
        Btf.parse(blob).find('point', BtfKind.Struct),
      );
    }
  });
});

describe('distilled bases', () => {
  /** A module that embeds `struct inner` and points to `struct outer`, on a distilled base. */
  function moduleOn(innerSize: number): Uint8Array {
    const distilled = new BtfBuilder();
    const int = distilled.int('int', 4, { signed: true });
    const inner = distilled.struct('inner', innerSize, []);
    const outer = distilled.struct('outer', 1, []);
    const base = Btf.parse(distilled.build());
    const split = new BtfBuilder({ base });
    const pointer = split.pointer(outer);
    split.struct('driver', innerSize + 16, [
      { name: 'inner', type: inner, bitOffset: 0 },
      { name: 'outer', type: pointer, bitOffset: innerSize * 8 },
      { name: 'count', type: int, bitOffset: innerSize * 8 + 64 },
    ]);
    return elfWith({ '.BTF': split.build(), '.BTF.base': distilled.build() }, wide);
  }

  function kernelWith(outers: number): Btf {
    const builder = new BtfBuilder();
    builder.int('long unsigned int', 8);
    const int = builder.int('int', 4, { signed: true });
    builder.struct('inner', 8, [{ name: 'value', type: int, bitOffset: 0 }]);
    for (let i = 0; i < outers; i++) builder.struct('outer', 1, []);
    return Btf.parse(builder.build());
  }

  test('are relocated to the kernel', () => {
    const kernel = kernelWith(1);
    const btf = openBtfBytes(moduleOn(8), { base: kernel, strict: true });
    const driver = btf.find('driver', BtfKind.Struct) ?? 0;
    const declared = [...btf.members(driver)].map(({ name, type }) => btf.declaration(type, name));
    expect(declared).toEqual(['struct inner inner', 'struct outer *outer', 'int count']);
    const inner = btf.findMember(driver, 'inner')?.type ?? 0;
    expect(inner).toBe(kernel.find('inner', BtfKind.Struct));
    expect(btf.findMember(inner, 'value')?.bitOffset).toBe(0);
  });

  test('are read as they are without a kernel', () => {
    const btf = openBtfBytes(moduleOn(8));
    expect(btf.base?.name).toBe('.BTF.base');
    const inner = btf.findMember(btf.find('driver', BtfKind.Struct) ?? 0, 'inner')?.type ?? 0;
    expect([btf.sizeOf(inner), btf.memberCount(inner)]).toEqual([8, 0]);
  });

  test('that do not fit the kernel are refused by name', () => {
    expect(() => openBtfBytes(moduleOn(12), { base: kernelWith(1) })).toThrow("'inner'");
    expect(() => openBtfBytes(moduleOn(8), { base: kernelWith(0) })).toThrow("'outer'");
    expect(codeOf(() => openBtfBytes(moduleOn(8), { base: kernelWith(2) }))).toBe('relocation');
  });
});

describe('split BTF of a real module', () => {
  const base = Btf.parse(readVmlinux('6.12'), { name: 'vmlinux' });
  const xfs = Btf.parse(readModule('xfs'), { name: 'xfs', base });

  test('own types come before those of the base', () => {
    expect(xfs.firstId).toBe(base.typeCount);
    expect(xfs.findFunction('xfs_file_open')?.id).toBeGreaterThanOrEqual(xfs.firstId);
    expect(xfs.findFunction('vfs_read')).toBeUndefined();
    expect(xfs.find('vfs_read', BtfKind.Func)).toBe(base.findFunction('vfs_read')?.id);
    expect(xfs.findOwn('task_struct', BtfKind.Struct)).toBeUndefined();
    expect(base.find('xfs_inode', BtfKind.Struct)).toBeUndefined();
  });

  test('members of the base are found through own types', () => {
    const mount = xfs.find('xfs_mount', BtfKind.Struct) ?? 0;
    const superBlock = xfs.referenced(xfs.findMember(mount, 'm_super')?.type ?? 0);
    expect(superBlock).toBe(base.find('super_block', BtfKind.Struct));
    expect(xfs.findMember(superBlock, 's_id')).toEqual(base.findMember(superBlock, 's_id'));
  });

  test('without its base, with a part of it, or in another byte order, it is refused or useless', () => {
    const builder = new BtfBuilder({ littleEndian: false });
    const big = Btf.parse(builder.build());
    expect(codeOf(() => Btf.parse(readModule('xfs'), { base: big }))).toBe('bad-base');
    const newer = new BtfBuilder();
    newer.raw(99, '', 0, false, 0);
    const part = Btf.parse(newer.build(), { partial: true });
    expect(codeOf(() => Btf.parse(readModule('xfs'), { base: part }))).toBe('bad-base');
  });
});
