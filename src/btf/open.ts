import { Btf, type BtfOptions } from './btf.js';
import { readElfSections } from './elf.js';
import { BtfError } from './error.js';
import { relocateToKernel } from './relocate.js';

/** What the first bytes of an input say it is (spec 10 R10-1). */
export type Container = 'btf' | 'elf' | 'gzip' | 'zstd' | 'xz';

/** How to open bytes of unknown container. */
export interface OpenOptions extends BtfOptions {
  /** Unpacks a gzip stream; without it gzip is refused as `compressed`. May throw. */
  readonly decompress?: (bytes: Uint8Array) => Uint8Array;
}

const MAGICS: readonly (readonly [Container, readonly number[]])[] = [
  ['btf', [0x9f, 0xeb]],
  ['btf', [0xeb, 0x9f]],
  ['elf', [0x7f, 0x45, 0x4c, 0x46]],
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
];

const ELF_CLASS = 4;

/** The container of an input, `undefined` when unknown. */
export function recognizeContainer(bytes: Uint8Array): Container | undefined {
  return MAGICS.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte))?.[0];
}

/**
 * Opens raw BTF, an ELF file with a `.BTF` section (vmlinux, .ko, BPF object), or either in gzip. A module with a distilled base
 * (`.BTF.base`) is relocated to `base` when that is given, else its types stand on the distilled base alone, whose structs have no
 * members. Throws a `BtfError`; a failed relocation has the code `relocation`, and opening again without `base` gives the
 * un-relocated types.
 */
export function openBtfBytes(bytes: Uint8Array, options: OpenOptions = {}): Btf {
  const container = recognizeContainer(bytes);
  switch (container) {
    case 'btf':
      return Btf.parse(bytes, options);
    case 'elf':
      return openElf(bytes, options);
    case 'gzip':
      return openGzip(bytes, options);
    case undefined:
      throw new BtfError('not-btf', 'neither BTF nor ELF nor a known compression');
    default: {
      const command = container === 'zstd' ? 'zstd -d' : 'xz -d';
      throw new BtfError(
        'compressed',
        `the input is compressed with ${container}: run ${command} on it first`,
      );
    }
  }
}

function openGzip(bytes: Uint8Array, options: OpenOptions): Btf {
  const { decompress, ...rest } = options;
  if (decompress === undefined) {
    throw new BtfError('compressed', 'the input is compressed with gzip: run gzip -d on it first');
  }
  let plain: Uint8Array;
  try {
    plain = decompress(bytes);
  } catch (cause) {
    throw new BtfError(
      'compressed',
      `the gzip stream is damaged: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
  return openBtfBytes(plain, rest);
}

function openElf(bytes: Uint8Array, options: OpenOptions): Btf {
  const sections = readElfSections(bytes, ['.BTF', '.BTF.base']);
  const types = sections.get('.BTF');
  if (types === undefined) throw new BtfError('no-section', 'the ELF file has no .BTF section');
  const base = sections.get('.BTF.base');
  const split = { ...options, elfPointerSize: bytes[ELF_CLASS] === 1 ? 4 : 8 } as const;
  if (base === undefined) return Btf.parse(types.bytes, split);

  const distilled = Btf.parse(base.bytes, { name: '.BTF.base', elfPointerSize: split.elfPointerSize });
  const unrelocated = Btf.parse(types.bytes, { ...split, base: distilled });
  if (options.base === undefined) return unrelocated;
  return Btf.parse(relocateToKernel(unrelocated, options.base), split);
}
