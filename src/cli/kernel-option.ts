import { openKernel, openLiveKernel } from '../host/index.js';
import type { OpenedKernel } from '../kernel/index.js';
import { note } from './paint.js';

/** Opens the kernel that `--kernel` names. What cannot be known of the live one is said on stderr. */
export function openNamedKernel(name: string): OpenedKernel {
  if (name !== 'live') return openKernel(name);
  const kernel = openLiveKernel();
  for (const { part, reason } of kernel.missing) note(`this kernel's ${part} is not known: ${reason}`);
  return kernel;
}
