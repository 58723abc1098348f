import { existsSync } from 'node:fs';
import { KernelError, type OpenedKernel } from '../kernel/index.js';
import { type BundleOptions, openBundle } from './bundle.js';
import { builtInBundle, builtInKernels, openBuiltInKernel, openDefaultKernel } from './default.js';
import { openLiveKernel } from './live.js';

/**
 * Opens a kernel by the name that a user gives: `live` (this machine's), `default`, the name of a built-in bundle
 * (`6.12-cloud`), or the path of a bundle, a folder or one file. A built-in name wins over a bundle of that name; `./NAME`
 * means the bundle. Throws a `KernelError` with code `not-found` when it is none of these.
 */
export function openKernel(name: string, options: BundleOptions = {}): OpenedKernel {
  if (name === 'live') return openLiveKernel(options);
  if (name === 'default') return openDefaultKernel(options);
  if (builtInKernels().includes(name)) return openBuiltInKernel(name, options);
  return openBundle(locateBundle(name), options);
}

/** The path of the bundle that `openKernel` opens by this name, which is not `live`. Throws as it does. */
export function locateBundle(name: string): string {
  if (name === 'default' || builtInKernels().includes(name)) return builtInBundle(name);
  if (name !== '' && existsSync(name)) return name;
  throw new KernelError(
    'not-found',
    `there is no kernel ${JSON.stringify(name)}: give live, ${builtInKernels().join(', ')}, or the path of a bundle`,
  );
}
