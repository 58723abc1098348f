import { describeUser } from '../process.js';
import { parseCapabilities, tracingCapabilities } from './capabilities.js';
import { type Check, check, type Finding } from './check.js';
import type { Scene } from './scene.js';

/** What this process may do, and what the machine lets nobody do (spec 15 section 15.9). */
export function rightsChecks(scene: Scene): readonly Check[] {
  return [
    check('rights.capabilities', capabilities(scene)),
    lockdownCheck(scene),
    check('rights.perf-event-paranoid', setting(scene, 'perf_event_paranoid', paranoid)),
    check('rights.unprivileged-bpf', setting(scene, 'unprivileged_bpf_disabled', unprivileged)),
    check('rights.kptr-restrict', setting(scene, 'kptr_restrict', restricted)),
  ];
}

/** Whether the machine lets anybody trace. */
export function lockdownCheck(scene: Scene): Check {
  return check('rights.lockdown', lockdown(scene));
}

/** The effective capabilities; without a `/proc` none are known. */
export function heldCapabilities(scene: Scene): ReadonlySet<string> | undefined {
  return parseCapabilities(scene.text('/proc/self/status') ?? '');
}

/** True where the process has the capability, or the older one that stands for it. */
export function holds(held: ReadonlySet<string>, capability: keyof typeof tracingCapabilities): boolean {
  return held.has(capability) || (capability !== 'CAP_SYSLOG' && held.has('CAP_SYS_ADMIN'));
}

function capabilities(scene: Scene): Finding {
  const held = heldCapabilities(scene);
  if (held === undefined) return { state: 'unknown', evidence: '/proc/self/status has no CapEff' };
  const wanted = Object.entries(tracingCapabilities);
  const lacking = wanted.filter(([name]) => !held.has(name));
  const has = wanted.filter(([name]) => held.has(name)).map(([name]) => name);
  const who = `${describeUser()} has ${has.length === 0 ? 'none of those that tracing uses' : has.join(', ')}`;
  if (lacking.length === 0) return { state: 'ok', evidence: who };
  return {
    state: 'denied',
    evidence: `${who}; lacks ${lacking.map(([name, use]) => `${name} (${use})`).join(', ')}`,
    advice:
      holds(held, 'CAP_BPF') && holds(held, 'CAP_PERFMON')
        ? []
        : ['run btfprobe as root, or with CAP_BPF and CAP_PERFMON'],
  };
}

/** `[none] integrity confidentiality`, the current one in brackets (kernel_lockdown(7)). */
function lockdown(scene: Scene): Finding {
  const file = '/sys/kernel/security/lockdown';
  const text = scene.text(file);
  if (text === undefined) {
    return scene.list('/sys/kernel/security').length > 0
      ? { state: 'ok', evidence: `there is no ${file}: the kernel cannot be locked down` }
      : { state: 'unknown', evidence: `${file} cannot be read: securityfs is not mounted` };
  }
  const [, mode] = /\[(\w+)\]/.exec(text) ?? [];
  if (mode !== 'confidentiality') return { state: 'ok', evidence: `${file}: ${mode ?? text}` };
  return {
    state: 'denied',
    evidence: `${file}: confidentiality: tracefs, kprobes and BPF programs that read kernel memory are closed to root as well`,
    advice: ['boot without lockdown=confidentiality; secure boot may turn it on'],
  };
}

function setting(
  scene: Scene,
  name: string,
  judge: (value: string) => Omit<Finding, 'evidence'> & { means: string },
): Finding {
  const file = `/proc/sys/kernel/${name}`;
  const value = scene.text(file);
  if (value === undefined) return { state: 'unknown', evidence: `${file} cannot be read` };
  const { means, ...found } = judge(value);
  return { ...found, evidence: `${file} is ${value}: ${means}` };
}

const paranoid = (value: string) =>
  Number(value) > 2
    ? { state: 'ok' as const, means: 'perf events need CAP_SYS_ADMIN (a setting of Debian and others)' }
    : { state: 'ok' as const, means: 'perf events that trace the kernel need CAP_PERFMON' };

const unprivileged = (value: string) =>
  value === '0'
    ? { state: 'ok' as const, means: 'anybody may load BPF programs, though none that trace' }
    : { state: 'ok' as const, means: 'BPF needs CAP_BPF' };

const restricted = (value: string) =>
  value === '2'
    ? {
        state: 'missing' as const,
        means: 'addresses of symbols are hidden from everybody',
        advice: ['to see places by name: sysctl kernel.kptr_restrict=1'],
      }
    : {
        state: 'ok' as const,
        means:
          value === '1'
            ? 'CAP_SYSLOG shows addresses of symbols'
            : 'perf_event_paranoid decides who sees addresses of symbols',
      };
