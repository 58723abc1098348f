/** Names of capabilities by their bit (capabilities(7)), without `CAP_`. */
const names = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID'],
  ...['SETPCAP', 'LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW'],
  ...['IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT'],
  ...['SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD'],
  ...['LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP', 'MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG'],
  ...['WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF', 'CHECKPOINT_RESTORE'],
];

/** The effective capabilities in a `/proc/PID/status`, as `CAP_BPF`; bits without a known name as `CAP_41`. */
export function parseCapabilities(status: string): ReadonlySet<string> | undefined {
  const [, hex] = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status) ?? [];
  if (hex === undefined) return undefined;
  const bits = BigInt(`0x${hex}`);
  const held = new Set<string>();
  for (let bit = 0; bit < 64; bit++) {
    if ((bits >> BigInt(bit)) & 1n) held.add(`CAP_${names[bit] ?? bit}`);
  }
  return held;
}

/** Those that tracing asks for, with what for. */
export const tracingCapabilities = {
  CAP_SYS_ADMIN: 'everything below, and kprobes by perf events',
  CAP_BPF: 'BPF maps and programs',
  CAP_PERFMON: 'BPF programs that trace',
  CAP_SYSLOG: 'addresses of kernel symbols',
  CAP_DAC_OVERRIDE: 'files of tracefs',
} as const;
