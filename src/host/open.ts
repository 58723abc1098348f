import { existsSync } from 'node:fs';
import { KernelError, type OpenedKernel } from '../kernel/index.js';
import { type BundleOptions, openBundle } from './bundle.js';
import { builtInKernels, openBuiltInKernel, openDefaultKernel } from './default.js';
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
  if (name !== '' && existsSync(name)) return openBundle(name, options);
  throw new KernelError(
    'not-found',
    `there is no kernel ${JSON.stringify(name)}: give live, ${builtInKernels().join(', ')}, or the path of a bundle`,
  );
}
