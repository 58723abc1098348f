import { join } from 'node:path';
import type { Kernel } from '../../kernel/index.js';
import { readBeginning } from '../files.js';
import { type Check, check, type Finding } from './check.js';
import type { Scene } from './scene.js';

/** What can be known of the running kernel's types, symbols and build. */
export function factsChecks(scene: Scene, kernel: Kernel): readonly Check[] {
  return [
    check('types.vmlinux', vmlinux(scene)),
    check('types.modules', modules(scene)),
    ...symbols(scene),
    check('kernel.config', config(kernel)),
  ];
}

function vmlinux(scene: Scene): Finding {
  const file = '/sys/kernel/btf/vmlinux';
  const errno = scene.refusal(file, 'read');
  if (errno === undefined) return { state: 'ok', evidence: `${file}, ${scene.size(file)} bytes` };
  if (errno !== 'ENOENT') return { state: 'denied', evidence: `${file}: ${errno}` };
  return {
    state: 'missing',
    evidence: `there is no ${file}: built without CONFIG_DEBUG_INFO_BTF`,
    advice: [
      'definitions by registers and offsets still work; a kernel with BTF is needed for names, fields and eBPF',
    ],
  };
}

function modules(scene: Scene): Finding {
  const typed = scene.list('/sys/kernel/btf').filter(name => name !== 'vmlinux').length;
  const list = scene.text('/proc/modules');
  if (list === undefined)
    return { state: 'ok', evidence: 'there is no /proc/modules: the kernel takes no modules' };
  const loaded = list.split('\n').filter(Boolean).length;
  if (loaded === 0) return { state: 'ok', evidence: 'no module is loaded' };
  return {
    state: typed > 0 ? 'ok' : 'missing',
    evidence: `${typed} of ${loaded} loaded modules have types in /sys/kernel/btf`,
    ...(typed === 0 && {
      advice: ['CONFIG_DEBUG_INFO_BTF_MODULES brings them; the kernel itself is not concerned'],
    }),
  };
}

function symbols(scene: Scene): readonly [Check, Check] {
  const file = '/proc/kallsyms';
  let beginning: string;
  try {
    beginning = Buffer.from(readBeginning(join(scene.root, file), 1 << 16)).toString('latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const found: Finding =
      code === 'ENOENT'
        ? { state: 'missing', evidence: `there is no ${file}: built without CONFIG_KALLSYMS` }
        : { state: 'denied', evidence: `${file}: ${code}` };
    return [check('symbols.names', found), check('symbols.addresses', found)];
  }
  // Per-CPU symbols begin the list: within its first part some address is not zero, unless all are hidden.
  const shown = /^0*[1-9a-f]/m.test(beginning);
  return [
    check('symbols.names', { state: 'ok', evidence: `${file} can be read` }),
    check(
      'symbols.addresses',
      shown
        ? { state: 'ok', evidence: `${file} shows addresses` }
        : {
            state: 'denied',
            evidence: `${file} shows zeros only: see kptr_restrict and CAP_SYSLOG`,
            advice: ['run as root or with CAP_SYSLOG, else places are printed as numbers'],
          },
    ),
  ];
}

function config({ config: { size }, release }: Kernel): Finding {
  if (size > 0) return { state: 'ok', evidence: `${size} options are known` };
  return {
    state: 'unknown',
    evidence: `none of /proc/config.gz, /boot/config-${release}, /lib/modules/${release}/config can be read`,
    advice: [
      'nothing needs it: it sharpens what check --kernel live says of functions that cannot be probed',
    ],
  };
}
