import { readFileSync } from 'node:fs';
import { parseCpuList } from '../live-facts.js';

/**
 * How many processors the kernel of this machine may ever have. It writes the values of a per-CPU map for all of them, however
 * much room it is given: `undefined` where it is not told, as a guess would not do.
 */
export function possibleProcessors(file = '/sys/devices/system/cpu/possible'): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'latin1').trim();
  } catch {
    return undefined;
  }
  return /^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(text) ? parseCpuList(text) : undefined;
}
