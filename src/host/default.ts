import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KernelError, type OpenedKernel } from '../kernel/index.js';
import { type BundleOptions, openBundle } from './bundle.js';

const defaultName = '6.12-cloud';

/** The package's own bundles lie beside `src` and `dist` alike: two folders above this module. */
const builtInFolder = fileURLToPath(new URL('../../kernels/', import.meta.url));

/** Names of the bundles that come with the package. */
export function builtInKernels(): readonly string[] {
  if (!existsSync(builtInFolder)) return [];
  return readdirSync(builtInFolder).filter(name => existsSync(join(builtInFolder, name, 'facts.json')));
}

/** The kernel that is used when nobody names one: Debian's 6.12 cloud kernel, whose bundle is part of the package. */
export function openDefaultKernel(options: BundleOptions = {}): OpenedKernel {
  return openBuiltInKernel(defaultName, options);
}

/** A bundle of the package by name. Throws a `KernelError` with code `not-found`. */
export function openBuiltInKernel(name: string, options: BundleOptions = {}): OpenedKernel {
  return openBundle(builtInBundle(name), { name, ...options });
}

/** The path of a bundle of the package; `default` is one, too. Throws a `KernelError` with code `not-found`. */
export function builtInBundle(name: string): string {
  const known = name === 'default' ? defaultName : name;
  if (builtInKernels().includes(known)) return join(builtInFolder, known);
  throw new KernelError(
    'not-found',
    `there is no built-in kernel ${name} (built in: ${builtInKernels().join(', ')})`,
  );
}
