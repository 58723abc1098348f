import { type Check, check, type Finding } from './check.js';
import { heldCapabilities, holds } from './rights-checks.js';
import type { Scene } from './scene.js';

/** Whether this user may use BPF here (spec 15 section 15.9), told from files: no call is made. */
export function bpfChecks(scene: Scene): readonly Check[] {
  return [check('bpf.load', load(scene)), check('bpf.kprobe', perfKprobe(scene))];
}

function load(scene: Scene): Finding {
  const held = heldCapabilities(scene);
  if (held === undefined) return { state: 'unknown', evidence: '/proc/self/status has no CapEff' };
  if (!scene.text('/proc/sys/kernel/unprivileged_bpf_disabled')) {
    return {
      state: 'missing',
      evidence: 'there is no /proc/sys/kernel/unprivileged_bpf_disabled: built without CONFIG_BPF_SYSCALL',
    };
  }
  if (scene.text('/proc/sys/net/core/bpf_jit_enable') === '0') {
    return {
      state: 'missing',
      evidence: '/proc/sys/net/core/bpf_jit_enable is 0: trampolines are made by the JIT',
      advice: ['sysctl net.core.bpf_jit_enable=1'],
    };
  }
  const lacking = (['CAP_BPF', 'CAP_PERFMON'] as const).filter(name => !holds(held, name));
  if (lacking.length === 0) {
    return {
      state: 'ok',
      evidence: `this process has ${held.has('CAP_SYS_ADMIN') ? 'CAP_SYS_ADMIN' : 'CAP_BPF and CAP_PERFMON'}`,
    };
  }
  return {
    state: 'denied',
    evidence: `this process lacks ${lacking.join(' and ')}`,
    advice: [
      'run btfprobe as root',
      'or as yourself with these two only: sudo setpriv --reuid $USER --regid $(id -g) --init-groups --inh-caps +bpf,+perfmon --ambient-caps +bpf,+perfmon btfprobe ...',
      'or in a systemd unit: AmbientCapabilities=CAP_BPF CAP_PERFMON',
    ],
  };
}

/** Offsets, registers and functions that trampolines cannot reach. */
function perfKprobe(scene: Scene): Finding {
  const file = '/sys/bus/event_source/devices/kprobe/type';
  if (scene.text(file) === undefined) {
    return {
      state: 'missing',
      evidence: `there is no ${file}: built without CONFIG_KPROBE_EVENTS or perf events`,
    };
  }
  const held = heldCapabilities(scene);
  if (held === undefined) return { state: 'unknown', evidence: '/proc/self/status has no CapEff' };
  const paranoid = Number(scene.text('/proc/sys/kernel/perf_event_paranoid') ?? 2);
  const needed = paranoid > 2 ? 'CAP_SYS_ADMIN' : 'CAP_PERFMON';
  return holds(held, needed)
    ? { state: 'ok', evidence: `${file} is there, and this process has ${needed}` }
    : {
        state: 'denied',
        evidence: `perf_event_paranoid is ${paranoid}, and this process lacks ${needed}`,
        advice: [
          paranoid > 2
            ? 'run btfprobe as root; functions and tracepoints need no perf event'
            : 'run btfprobe with CAP_PERFMON',
        ],
      };
}
