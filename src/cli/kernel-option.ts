import { type MissingPart, openKernel, openLiveKernel } from '../host/index.js';
import type { OpenedKernel } from '../kernel/index.js';
import { note } from './paint.js';

/** Opens the kernel that `--kernel` names. What cannot be known of the live one is said on stderr. */
export function openNamedKernel(name: string): OpenedKernel {
  if (name !== 'live') return openKernel(name);
  const kernel = openLiveKernel();
  tellMissing(kernel.missing);
  return kernel;
}

/** Opens this machine's kernel to trace it. Its configuration matters to verdicts only, and here the kernel gives its own. */
export function openTracedKernel(): OpenedKernel {
  const kernel = openLiveKernel();
  tellMissing(kernel.missing.filter(({ part }) => part !== 'config'));
  return kernel;
}

function tellMissing(missing: readonly MissingPart[]): void {
  for (const { part, reason } of missing) note(`this kernel's ${part} is not known: ${reason}`);
}
