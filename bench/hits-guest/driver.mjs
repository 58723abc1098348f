// Runs in the guest: what a hit costs the task that is traced. A process reads one byte again and again; each tracer in turn
// records the file's name and the size of every read. The bytes of eBPF programs and the kernel's own count of the time
// that they ran are read while they are attached.
//   node driver.mjs ROUNDS APP OUT
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const [, , rounds, app, out] = process.argv;
/** Of each tracer: the first ones also tell it what to compile, and are not counted. */
const [warm, reads] = [200_000, 400_000];
const definition = 'f vfs_read name=file->f_path.dentry->d_name.name:string count';
// What our records hold: task, process, thread, processor and time besides the arguments.
const script =
  'kfunc:vfs_read { printf("%s %d %d %d %llu %s %lu\\n", comm, pid, tid, cpu, nsecs, str(args->file->f_path.dentry->d_name.name), args->count); }';
const ours = backend => ['node', app, 'trace', '--backend', backend, '--buffer-size', '16384', definition];

const tracers = {
  none: undefined,
  bpftrace: ['bpftrace', '-B', 'none', '-e', script],
  tracefs: ours('tracefs'),
  lowered: ours('lowered'),
  bpf: ours('bpf'),
};

const programs = () =>
  JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'list'], { encoding: 'utf8' }) || '[]');

/** Microseconds a read, of so many. */
function readAgainAndAgain(reads) {
  const start = process.hrtime.bigint();
  execFileSync('dd', ['if=/dev/zero', 'of=/dev/null', 'bs=1', `count=${reads}`], { stdio: 'ignore' });
  return Number(process.hrtime.bigint() - start) / 1e3 / reads;
}

/** Starts a tracer that writes into the void, and waits until it records. */
async function start([program, ...args]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve, reject) => {
    const asking = setInterval(
      () => execFileSync('dd', ['if=/dev/zero', 'of=/dev/null', 'bs=1', 'count=1'], { stdio: 'ignore' }),
      200,
    );
    child.stdout.on('data', bytes => {
      if (!bytes.includes('zero')) return;
      clearInterval(asking);
      resolve();
    });
    child.on('close', () => reject(new Error(`${program} ended`)));
  });
  child.stdout.resume();
  return child;
}

writeFileSync('/proc/sys/kernel/bpf_stats_enabled', '1');
const results = Object.fromEntries(Object.keys(tracers).map(name => [name, { perRead: [] }]));
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, command] of Object.entries(tracers)) {
    const before = new Set(programs().map(({ id }) => id));
    const child = command && (await start(command));
    readAgainAndAgain(warm);
    results[name].perRead.push(readAgainAndAgain(reads));
    const made = programs().filter(({ id }) => !before.has(id));
    results[name].programs = made.map(({ type, bytes_xlated, bytes_jited, run_time_ns, run_cnt }) => ({
      type,
      bytes_xlated,
      bytes_jited,
      nsPerRun: run_time_ns / run_cnt,
      run_cnt,
    }));
    if (child === undefined) continue;
    const closed = new Promise(resolve => child.once('close', resolve));
    child.kill('SIGINT');
    await closed;
  }
}
writeFileSync(out, JSON.stringify(results));
