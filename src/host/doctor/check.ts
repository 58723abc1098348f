/**
 * What a look at one capability found: `ok` it is there for this user; `missing` the kernel or the machine lacks it;
 * `denied` it is there and this user may not; `unknown` nothing that this user may read tells.
 */
export type CheckState = 'ok' | 'missing' | 'denied' | 'unknown';

/** Names of the checks, `SUBJECT.CAPABILITY`: what programs go by. */
export type CheckId =
  | 'types.vmlinux'
  | 'types.modules'
  | 'symbols.names'
  | 'symbols.addresses'
  | 'symbols.traceable'
  | 'tracefs.mounted'
  | 'tracefs.readable'
  | 'tracefs.writable'
  | 'probes.function'
  | 'probes.tracepoint'
  | 'probes.kprobe'
  | 'probes.uprobe'
  | 'probes.event'
  | 'probes.names'
  | 'probes.armed'
  | 'bpf.syscall'
  | 'bpf.ring-buffer'
  | 'bpf.trampolines'
  | 'bpf.kprobe-multi'
  | 'bpf.kprobe'
  | 'bpf.load'
  | 'rights.capabilities'
  | 'rights.lockdown'
  | 'rights.perf-event-paranoid'
  | 'rights.unprivileged-bpf'
  | 'rights.kptr-restrict'
  | 'kernel.config';

/** One capability of a kernel or a machine. Pure data. */
export interface Check {
  readonly id: CheckId;
  /** A few words for people. */
  readonly title: string;
  readonly state: CheckState;
  /** What shows it: a file and what it says, a call and what it answered. */
  readonly evidence: string;
  /** What to do about it, best first; empty where nothing needs to be done or nothing can be. */
  readonly advice: readonly string[];
}

/** A check without its name and title: what the look itself found. */
export interface Finding {
  readonly state: CheckState;
  readonly evidence: string;
  readonly advice?: readonly string[];
}

const titles: Readonly<Record<CheckId, string>> = {
  'types.vmlinux': 'types of the kernel (BTF)',
  'types.modules': 'types of modules',
  'symbols.names': 'names of symbols',
  'symbols.addresses': 'addresses of symbols',
  'symbols.traceable': 'list of traceable functions',
  'tracefs.mounted': 'tracefs is mounted',
  'tracefs.readable': 'tracefs can be read',
  'tracefs.writable': 'probe events can be defined',
  'probes.function': 'function events (f, fprobe)',
  'probes.tracepoint': 'tracepoint events (t)',
  'probes.kprobe': 'kprobe events (p, r)',
  'probes.uprobe': 'uprobe events (p PATH:OFFSET)',
  'probes.event': 'event probes (e)',
  'probes.names': 'parameters by name, fields',
  'probes.armed': 'probes fire (ftrace, kprobes)',
  'bpf.syscall': 'bpf(2)',
  'bpf.ring-buffer': 'BPF ring buffer',
  'bpf.trampolines': 'BPF trampolines (fentry, fexit)',
  'bpf.kprobe-multi': 'kprobe-multi',
  'bpf.kprobe': 'kprobe by perf event',
  'bpf.load': 'programs can be loaded',
  'rights.capabilities': 'capabilities of this process',
  'rights.lockdown': 'kernel lockdown',
  'rights.perf-event-paranoid': 'perf_event_paranoid',
  'rights.unprivileged-bpf': 'unprivileged_bpf_disabled',
  'rights.kptr-restrict': 'kptr_restrict',
  'kernel.config': 'configuration of the kernel',
};

export function check(id: CheckId, { state, evidence, advice = [] }: Finding): Check {
  return { id, title: titles[id], state, evidence, advice };
}
