/** A place that calls a simulated function: a symbol and how far behind its start the call returns. */
export interface CallSite {
  readonly caller: string;
  readonly offset: number;
}

/** The functions that the simulated kernel runs, each with the place it is called from. */
export const simulatedFunctions: Readonly<Record<string, CallSite>> = {
  vfs_read: { caller: 'ksys_read', offset: 0x6f },
  vfs_write: { caller: 'ksys_write', offset: 0x6f },
  vfs_open: { caller: 'path_openat', offset: 0x7f0 },
  getname_flags: { caller: 'do_sys_openat2', offset: 0x57 },
  kfree: { caller: 'seq_release', offset: 0x2a },
  sample_open: { caller: 'path_openat', offset: 0x8a4 },
};

/** The tracepoints that fire in the simulated kernel. */
export const simulatedTracepoints: readonly string[] = [
  'sched_switch',
  'sched_wakeup',
  'kmem_cache_alloc',
  'kfree',
];

/** Function that the kernel puts behind a tracepoint, for probes to sit on. */
export function stubOf(tracepoint: string): string {
  return `__probestub_${tracepoint}`;
}
