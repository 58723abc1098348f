/** A function to put into a file. */
export interface WrittenFunction {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly global: boolean;
  /** Into the table that stays in stripped files. */
  readonly dynamic: boolean;
}

export interface WrittenSegment {
  readonly address: number;
  readonly offset: number;
  readonly fileSize: number;
}

/** What a small ELF file is made of. */
export interface ElfPlan {
  readonly wide: boolean;
  readonly littleEndian: boolean;
  readonly segments: readonly WrittenSegment[];
  readonly functions: readonly WrittenFunction[];
}

/** Writes an ELF file with program headers, symbol tables and section headers; its code is left out. */
export function writeElf({ wide, littleEndian, segments, functions }: ElfPlan): Uint8Array {
  const address = wide ? 8 : 4;
  const headerSize = wide ? 64 : 52;
  const programHeader = wide ? 56 : 32;
  const sectionHeader = wide ? 64 : 40;
  const symbolSize = wide ? 24 : 16;
  const table = (dynamic: boolean) => {
    const own = functions.filter(one => one.dynamic === dynamic);
    let strings = '\0';
    const symbols = new DataView(new ArrayBuffer(symbolSize * (own.length + 1)));
    own.forEach(({ name, address: value, size, global }, index) => {
      const at = symbolSize * (index + 1);
      symbols.setUint32(at, strings.length, littleEndian);
      strings += `${name}\0`;
      symbols.setUint8(at + (wide ? 4 : 12), (global ? 0x10 : 0) | 2);
      symbols.setUint16(at + (wide ? 6 : 14), 1, littleEndian);
      put(symbols, at + (wide ? 8 : 4), value);
      put(symbols, at + (wide ? 16 : 8), size);
    });
    return {
      symbols: new Uint8Array(symbols.buffer),
      strings: Uint8Array.from(strings, c => c.charCodeAt(0)),
    };
  };
  const put = (view: DataView, at: number, value: number): void => {
    if (address === 8) view.setBigUint64(at, BigInt(value), littleEndian);
    else view.setUint32(at, value, littleEndian);
  };
  const [plain, dynamic] = [table(false), table(true)];
  const names = '\0.symtab\0.strtab\0.dynsym\0.dynstr\0.shstrtab\0';
  const contents: [string, number, Uint8Array][] = [
    ['.symtab', 2, plain.symbols],
    ['.strtab', 3, plain.strings],
    ['.dynsym', 11, dynamic.symbols],
    ['.dynstr', 3, dynamic.strings],
    ['.shstrtab', 3, Uint8Array.from(names, c => c.charCodeAt(0))],
  ];
  const dataStart = headerSize + programHeader * segments.length;
  const tableStart = dataStart + contents.reduce((sum, [, , bytes]) => sum + bytes.length, 0);
  const file = new Uint8Array(tableStart + sectionHeader * (contents.length + 1));
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, littleEndian ? 1 : 2, 1]);
  put(view, wide ? 0x20 : 0x1c, headerSize);
  put(view, wide ? 0x28 : 0x20, tableStart);
  const counts = wide ? 0x36 : 0x2a;
  [programHeader, segments.length, sectionHeader, contents.length + 1, contents.length].forEach(
    (value, index) => {
      view.setUint16(counts + index * 2, value, littleEndian);
    },
  );
  segments.forEach((segment, index) => {
    const at = headerSize + programHeader * index;
    view.setUint32(at, 1, littleEndian);
    put(view, at + (wide ? 8 : 4), segment.offset);
    put(view, at + (wide ? 16 : 8), segment.address);
    put(view, at + (wide ? 32 : 16), segment.fileSize);
  });
  let at = dataStart;
  contents.forEach(([name, type, bytes], index) => {
    const header = tableStart + sectionHeader * (index + 1);
    view.setUint32(header, names.indexOf(`\0${name}\0`) + 1, littleEndian);
    view.setUint32(header + 4, type, littleEndian);
    put(view, header + (wide ? 24 : 16), at);
    put(view, header + (wide ? 32 : 20), bytes.length);
    file.set(bytes, at);
    at += bytes.length;
  });
  return file;
}
