// Runs in the guest: starts each tracer in turn on the same probe, while a process reads files, and writes as JSON how
// long each took to its first record, and beyond the two seconds of a two-second trace.
//   node driver.mjs ROUNDS APP OUT
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, openSync, writeFileSync } from 'node:fs';

const [, , rounds, app, out] = process.argv;
const seconds = 2;
/** Milliseconds after which a tracer without records counts as failed. */
const limit = 90_000;
const definition = 'f vfs_read name=file->f_path.dentry->d_name.name:string count';
const script = end =>
  `kfunc:vfs_read { printf("%s %lu\\n", str(args->file->f_path.dentry->d_name.name), args->count); } ${end}`;
const ours = backend => ({
  first: ['node', [app, 'trace', '--backend', backend, '--count', '1', definition]],
  timed: ['node', [app, 'trace', '--backend', backend, '--duration', `${seconds}s`, definition]],
});

const contestants = {
  node: { first: ['node', ['-e', 'console.log(1)']] },
  bpftrace: {
    first: ['bpftrace', ['-B', 'none', '-e', script('')]],
    timed: ['bpftrace', ['-B', 'none', '-e', script(`interval:s:${seconds} { exit(); }`)]],
  },
  auto: ours('auto'),
  tracefs: ours('tracefs'),
  bpf: ours('bpf'),
};

/** What is written into a pipe, such as a shell makes: `child_process` makes sockets. */
function openPipe(path) {
  // Opened for both, neither end waits for the other.
  const both = openSync(path, 'r+');
  const input = openSync(path, 'w');
  const output = createReadStream(path, 'utf8').once('open', () => closeSync(both));
  return { input, output };
}
const pipes = ['/tmp/output', '/tmp/errors'];
execFileSync('mkfifo', pipes);

/** Milliseconds from start to the first record, and to the end. A tracer that ends by itself is waited for. */
async function run([program, args], isRecord, endAtFirst) {
  const [stdout, stderr] = pipes.map(openPipe);
  const start = process.hrtime.bigint();
  const since = () => Number(process.hrtime.bigint() - start) / 1e6;
  const child = spawn(program, args, { stdio: ['ignore', stdout.input, stderr.input] });
  for (const { input } of [stdout, stderr]) closeSync(input);
  let output = '';
  let errors = '';
  let first;
  stderr.output.on('data', text => {
    errors += text;
  });
  stdout.output.on('data', text => {
    if (first !== undefined) return;
    output += text;
    if (!isRecord.test(output)) return;
    first = since();
    if (endAtFirst) child.kill('SIGINT');
  });
  const late = setTimeout(() => child.kill('SIGINT'), limit);
  const closed = [stdout, stderr].map(pipe => once(pipe.output, 'close'));
  const [whole] = await Promise.all([once(child, 'exit').then(since), ...closed]);
  clearTimeout(late);
  if (first === undefined) throw new Error(`${program} ${args.join(' ')}: no record\n${output}\n${errors}`);
  return { first, whole };
}

// bpftrace says how many probes it attached before its first record.
const record = name => (name === 'bpftrace' ? /^[^A\n].*\d+\n/m : /\n/);
writeFileSync('/etc/passwd', 'root:x:0:0::/:/bin/sh\n');
const reader = spawn('sh', ['-c', 'while :; do head -c 9 /etc/passwd > /dev/null; sleep 0.02; done'], {
  detached: true,
  stdio: 'ignore',
});
const names = Object.keys(contestants);
const results = Object.fromEntries(names.map(name => [name, { first: [], beyond: [] }]));
try {
  for (let round = 0; round <= Number(rounds); round++) {
    for (const name of names) {
      const { first, timed } = contestants[name];
      const shown = await run(first, record(name), name === 'bpftrace');
      const whole = timed && (await run(timed, record(name), false));
      // The first round fills the page cache.
      if (round === 0) continue;
      results[name].first.push(shown.first);
      if (whole) results[name].beyond.push(whole.whole - seconds * 1000);
    }
  }
} finally {
  process.kill(-reader.pid);
}
writeFileSync(out, JSON.stringify(results));
