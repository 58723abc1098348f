import { readKernelWord } from '../host/index.js';
import { enumeratorValues, type Kernel } from '../kernel/index.js';

/** Values of the names that a kernel leaves in its print formats; `undefined` for what is not known. */
export type KernelConstants = (name: string) => bigint | undefined;

/** Variables that print formats name and that keep their value from boot on. */
const BOOT_VARIABLES: ReadonlySet<string> = new Set(['vmemmap_base', 'page_offset_base', 'vmalloc_base']);

/** Values of a kernel's enumerators, and of `HZ`. The types are read when first asked for. */
export function kernelConstants(kernel: Pick<Kernel, 'config' | 'types'>): KernelConstants {
  let values: KernelConstants | undefined;
  return name => {
    if (name === 'HZ') {
      const frequency = kernel.config.get('CONFIG_HZ');
      return typeof frequency === 'number' ? BigInt(frequency) : undefined;
    }
    // No enumerators: looking for one would read all types.
    if (kernel.types === undefined || BOOT_VARIABLES.has(name)) return undefined;
    values ??= enumeratorValues(kernel.types);
    return values(name);
  };
}

/** The same of the kernel that runs here, whose memory tells root what is decided at boot. */
export function runningConstants(kernel: Pick<Kernel, 'config' | 'types' | 'symbols'>): KernelConstants {
  const others = kernelConstants(kernel);
  return name => {
    if (!BOOT_VARIABLES.has(name)) return others(name);
    const symbol = kernel.symbols.first(name);
    return symbol === undefined || symbol.address === 0n ? undefined : readKernelWord(symbol.address);
  };
}
