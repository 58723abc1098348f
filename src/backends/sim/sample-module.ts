import { BtfBuilder, BtfKind } from '../../btf/index.js';
import type { AddedModule, Kernel } from '../../kernel/index.js';
import { SimError } from './error.js';

/** Name of the module that the simulated kernel can load and unload. */
export const sampleModuleName = 'btfprobe_sample';

/** Where modules lie on x86-64; a page into the area. */
const moduleStart = 0xffff_ffff_c04e_1000n;
const functionBytes = 0x60;

/** The sample module: `int sample_open(struct file *file, int flags)`, with types split on the kernel's. */
export function sampleModule(kernel: Kernel): AddedModule {
  return {
    name: sampleModuleName,
    symbols: [
      {
        name: 'sample_open',
        address: moduleStart,
        size: functionBytes,
        type: 't',
        siteOffset: kernel.endbr ? 4 : 0,
      },
    ],
    types: () => sampleTypes(kernel),
  };
}

function sampleTypes(kernel: Kernel): Uint8Array {
  const base = kernel.types;
  const file = base?.find('file', BtfKind.Struct);
  const int = base?.find('int', BtfKind.Int);
  if (!base || file === undefined || int === undefined) {
    throw new SimError('no-type', `the BTF of ${kernel.name} has no struct file or no int`);
  }
  const builder = new BtfBuilder({ base });
  const pointer = builder.pointer(file);
  const proto = builder.funcProto(int, [
    ['file', pointer],
    ['flags', int],
  ]);
  builder.func('sample_open', proto);
  return builder.build();
}
