import { join } from 'node:path';
import { describeUser } from '../process.js';
import { findTracefs, mountTracefsHint } from '../tracefs-mount.js';
import { type Check, check, type Finding } from './check.js';
import type { Scene } from './scene.js';

const permissionAdvice = [
  'run btfprobe as root',
  'or give a group access: mount -o remount,gid=GROUP,mode=750 /sys/kernel/tracing, and chmod what the mount made before',
];

/** Whether probe events can be defined and read here by this user (spec 14 sections 14.1, 14.2). */
export function tracefsChecks(scene: Scene): readonly Check[] {
  const found = findTracefs(scene.root);
  if (found === undefined) return notMounted(scene);
  const mount = scene.root === '/' ? found : found.slice(join(scene.root, '/').length - 1);
  return [
    check('tracefs.mounted', { state: 'ok', evidence: mount }),
    check('tracefs.readable', openable(scene, join(mount, 'README'), 'read')),
    check('tracefs.writable', openable(scene, join(mount, 'dynamic_events'), 'write')),
    check('symbols.traceable', openable(scene, join(mount, 'available_filter_functions'), 'read')),
  ];
}

function notMounted(scene: Scene): readonly Check[] {
  const closed = scene.refusal('/sys/kernel/debug', 'read');
  const known = /\btracefs\b/.test(scene.text('/proc/filesystems') ?? 'tracefs');
  const mounted: Finding = known
    ? {
        state: 'missing',
        evidence: `no mount of it in /proc/self/mountinfo${closed === 'EACCES' ? '; below /sys/kernel/debug this user sees nothing' : ''}`,
        advice: [mountTracefsHint],
      }
    : {
        state: 'missing',
        evidence: 'no tracefs in /proc/filesystems: the kernel was built without CONFIG_TRACING',
      };
  const follows: Finding = { state: 'missing', evidence: 'tracefs is not mounted' };
  return [
    check('tracefs.mounted', mounted),
    check('tracefs.readable', follows),
    check('tracefs.writable', follows),
    check('symbols.traceable', follows),
  ];
}

function openable(scene: Scene, path: string, access: 'read' | 'write'): Finding {
  const errno = scene.refusal(path, access);
  switch (errno) {
    case undefined:
      return { state: 'ok', evidence: `${path} opens to ${access}` };
    case 'ENOENT':
      return { state: 'missing', evidence: `there is no ${path}` };
    case 'EPERM':
      return {
        state: 'denied',
        evidence: `${path}: EPERM, as ${describeUser()}`,
        advice: ['the kernel may be locked down: see /sys/kernel/security/lockdown'],
      };
    case 'EROFS':
      return {
        state: 'denied',
        evidence: `${path}: EROFS, the mount is read-only`,
        advice: [
          'mount -o remount,rw /sys/kernel/tracing; in a container, have its runtime mount it writable',
        ],
      };
    default:
      return {
        state: 'denied',
        evidence: `${path}: ${errno}, as ${describeUser()}`,
        advice: permissionAdvice,
      };
  }
}

/** Switches of the whole machine that keep probes from firing while everything else looks well. */
export function armedCheck(scene: Scene): Check {
  const off: string[] = [];
  const advice: string[] = [];
  const seen: string[] = [];
  for (const { path, what } of switches) {
    const value = scene.text(path);
    if (value === undefined) continue;
    seen.push(`${path} is ${value}`);
    if (value !== '0') continue;
    off.push(`${path} is 0: ${what}`);
    advice.push(`echo 1 > ${path}`);
  }
  if (off.length > 0) return check('probes.armed', { state: 'missing', evidence: off.join('; '), advice });
  return seen.length > 0
    ? check('probes.armed', { state: 'ok', evidence: seen.join('; ') })
    : check('probes.armed', {
        state: 'unknown',
        evidence: `none of ${switches.map(({ path }) => path).join(', ')} can be read`,
      });
}

const switches = [
  { path: '/proc/sys/kernel/ftrace_enabled', what: 'no probe at a function fires' },
  { path: '/sys/kernel/debug/kprobes/enabled', what: 'no kprobe fires' },
] as const;
