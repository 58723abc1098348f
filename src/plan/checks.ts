import type { Check, CheckId } from '../host/index.js';
import type { Obstacle } from './candidate.js';

/** What is known of the capabilities of a machine; a check that is not there counts as fine. */
export type Capabilities = readonly Check[];

/** What every way through tracefs needs. */
export const tracefsNeeds = [
  'tracefs.mounted',
  'tracefs.readable',
  'tracefs.writable',
  'rights.lockdown',
] as const satisfies readonly CheckId[];

/** What every program needs. */
export const bpfNeeds = [
  'types.vmlinux',
  'bpf.syscall',
  'bpf.ring-buffer',
  'bpf.load',
  'rights.lockdown',
] as const satisfies readonly CheckId[];

/** What cannot be where another thing is not: only that other thing is told. */
const follows: ReadonlyMap<CheckId, CheckId> = new Map<CheckId, CheckId>([
  ['tracefs.readable', 'tracefs.mounted'],
  ['tracefs.writable', 'tracefs.mounted'],
]);

/** Which of the needs are not met. What is unknown is no obstacle: trying tells. */
export function obstaclesOf(capabilities: Capabilities, needs: readonly CheckId[]): Obstacle[] {
  const closed = new Map(
    capabilities
      .filter(({ state }) => state === 'missing' || state === 'denied')
      .map(check => [check.id, check]),
  );
  return needs
    .filter(need => !closed.has(follows.get(need) ?? need) || !follows.has(need))
    .map(need => closed.get(need))
    .filter(check => check !== undefined)
    .map(({ id, title, state, evidence, advice }) => ({
      message: `${title}: ${state}: ${evidence}`,
      check: id,
      advice,
    }));
}
