import { readFileSync } from 'node:fs';

/** Bits of the capabilities that tracing may need (capabilities(7)). */
const bits = { CAP_SYS_ADMIN: 21n, CAP_SYSLOG: 34n, CAP_PERFMON: 38n, CAP_BPF: 39n } as const;

export type Capability = keyof typeof bits;

/** Which of the capabilities that tracing may need this process has; none where `/proc` does not tell. */
export function effectiveCapabilities(file = '/proc/self/status'): ReadonlySet<Capability> {
  let text = '';
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    // Without /proc nothing is known.
  }
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]{1,16})$/m.exec(text)?.[1] ?? '0'}`);
  const names = Object.keys(bits) as Capability[];
  return new Set(names.filter(name => ((mask >> bits[name]) & 1n) === 1n));
}
