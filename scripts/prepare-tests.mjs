// Looks for what the tests need besides npm packages: programs that judge our output, QEMU, and the kernels that run in
// it. Root on Debian gets what is missing; everybody else is told.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const guest = fileURLToPath(new URL('../test/kernel-guest/guest', import.meta.url));
/** Kernels that tests boot, by the names that the guest script knows. */
const kernels = ['6.12-cloud', '6.12', '6.1'];
/** Programs and the Debian packages that have them. */
const programs = {
  bpftool: 'bpftool',
  pahole: 'pahole',
  'trace-cmd': 'trace-cmd',
  protoc: 'protobuf-compiler',
  'qemu-system-x86_64': 'qemu-system-x86',
  cpio: 'cpio',
  depmod: 'kmod',
};

const missing = Object.keys(programs).flatMap(program => (hasProgram(program) ? [] : [programs[program]]));
// The guest's only program must need no libraries.
if (!isStatic('busybox')) missing.push('busybox-static');
if (missing.length > 0) {
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0 || !hasProgram('apt-get')) {
    stop(
      `the tests need programs that are not here. As root:\n\n  apt-get update && apt-get ${install.join(' ')}\n`,
    );
  }
  console.log(`Installing ${missing.join(' ')}`);
  apt(['update', '-qq']);
  apt(['-qq', ...install]);
}
if (!fetchKernels()) {
  // The packages that this machine's lists name may have been replaced by newer ones.
  if (process.getuid?.() === 0) apt(['update', '-qq']);
  if (!fetchKernels())
    stop(`the kernels for the tests could not be fetched: ${guest} setup ${kernels.join(' ')}`);
}

function fetchKernels() {
  return (
    spawnSync('bash', [guest, 'setup', ...kernels], { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
  );
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  if (status !== 0) stop(`apt-get ${args.join(' ')} failed`);
}

function findProgram(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map(folder => join(folder, program)).find(path => existsSync(path));
}

function hasProgram(program) {
  return findProgram(program) !== undefined;
}

function isStatic(program) {
  const path = findProgram(program);
  if (path === undefined) return false;
  try {
    execFileSync('ldd', [path], { stdio: ['ignore', 'pipe', 'pipe'] });
    return false;
  } catch {
    // ldd fails for a program that is no dynamic executable.
    return true;
  }
}

function stop(message) {
  console.error(`prepare-tests: ${message}`);
  process.exit(2);
}
