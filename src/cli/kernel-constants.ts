import { enumeratorValues, type Kernel } from '../kernel/index.js';

/** Values of a kernel's enumerators, and of `HZ`, for print formats that name some. The types are read when first asked for. */
export function kernelConstants(
  kernel: Pick<Kernel, 'config' | 'types'>,
): (name: string) => bigint | undefined {
  let values: ((name: string) => bigint | undefined) | undefined;
  return name => {
    if (name === 'HZ') {
      const frequency = kernel.config.get('CONFIG_HZ');
      return typeof frequency === 'number' ? BigInt(frequency) : undefined;
    }
    if (kernel.types === undefined) return undefined;
    values ??= enumeratorValues(kernel.types);
    return values(name);
  };
}
