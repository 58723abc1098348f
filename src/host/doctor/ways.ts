import type { Check, CheckId } from './check.js';

/** A way to trace: definitions as they are, definitions lowered to plain offsets, programs of our own. */
export type WayId = 'native' | 'lowered' | 'bpf';

/** Whether a way is open on this machine to this user, for the definitions that it can take at all. */
export interface Way {
  readonly id: WayId;
  readonly title: string;
  readonly open: boolean;
  /** Checks that stand in the way. */
  readonly lacks: readonly Check[];
}

const needs: readonly { readonly id: WayId; readonly title: string; readonly checks: readonly CheckId[] }[] =
  [
    {
      id: 'native',
      title: "the kernel's own probe events, lines as they are written",
      checks: [
        'tracefs.mounted',
        'tracefs.readable',
        'tracefs.writable',
        'probes.function',
        'probes.names',
        'rights.lockdown',
      ],
    },
    {
      id: 'lowered',
      title: "the kernel's own probe events, lines lowered to registers and offsets",
      checks: [
        'tracefs.mounted',
        'tracefs.readable',
        'tracefs.writable',
        'probes.kprobe',
        'types.vmlinux',
        'rights.lockdown',
      ],
    },
    {
      id: 'bpf',
      title: 'eBPF programs',
      checks: [
        'types.vmlinux',
        'bpf.syscall',
        'bpf.ring-buffer',
        'bpf.trampolines',
        'bpf.load',
        'rights.lockdown',
      ],
    },
  ];

/** What cannot be where another thing is not: only that other thing is told. */
const follows: ReadonlyMap<CheckId, CheckId> = new Map<CheckId, CheckId>([
  ['tracefs.readable', 'tracefs.mounted'],
  ['tracefs.writable', 'tracefs.mounted'],
  ['probes.names', 'probes.function'],
]);

/** Which ways are open. What could not be found out does not close one: trying tells. */
export function waysOf(checks: readonly Check[]): readonly Way[] {
  const closing = new Map(
    checks.filter(({ state }) => state === 'missing' || state === 'denied').map(check => [check.id, check]),
  );
  return needs.map(({ id, title, checks: needed }) => {
    const lacks = needed
      .filter(name => !closing.has(follows.get(name) ?? name) || !follows.has(name))
      .map(name => closing.get(name))
      .filter(check => check !== undefined);
    return { id, title, open: lacks.length === 0, lacks };
  });
}
