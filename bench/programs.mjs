// Fetch programs as generated JavaScript against the interpreter, on the memory of the simulated kernel: nanoseconds of one
// run, text sized first as for a record, and whole records. The two sides run in turn, round by round; the ratio is the
// median of the rounds'. Both sides' bytes are compared before, and their code is warm: an engine compiles in the background, and takes its time.
// Needs `npm run build` before.
//   node bench/programs.mjs [ROUNDS]
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const rounds = Number(process.argv[2] ?? 21);
const room = path => import(pathToFileURL(join(import.meta.dirname, '..', 'dist', path)).href);
const { openDefaultKernel } = await room('host/index.js');
const { extendKernel } = await room('kernel/index.js');
const { compileProbe } = await room('language/index.js');
const { compileProgram, interpretProgram, RecordEncoder } = await room('program/index.js');
const { SimKernel } = await room('backends/sim/sim-kernel.js');
const { Workload } = await room('backends/sim/workload.js');

const definitions = [
  ['a word', 'f vfs_read count'],
  ['a member', 'f vfs_read file->f_pos'],
  ['two pointers and a member', 'f vfs_read file->f_path.dentry->d_name.len'],
  ['a bitfield', 'f vfs_read file->f_path.dentry->d_sb->s_iflags:b4@8/32'],
  ['an array of 16', 'f vfs_read +0(file):u8[16]'],
  ['a text behind two pointers', 'f vfs_read file->f_path.dentry->d_name.name:string'],
  ['a pointer that faults', 'f vfs_read +0(+0(count)):u64'],
  [
    'a record of seven arguments',
    'f vfs_read file buf count pos=+0(pos) n=file->f_path.dentry->d_name.name:string l=file->f_path.dentry->d_name.len f=file->f_flags',
  ],
];

const kernel = extendKernel(openDefaultKernel());
const sim = new SimKernel(kernel, {});
const workload = new Workload(sim);
const head = { id: 1, flags: 0, preemptCount: 0, pid: 1, ip: 0xffffffff81000004n, returnIp: 0n };

/** Runs `work` on the machine of the first hit of vfs_read, while it is what the hit saw. */
function atHit(work) {
  let answer;
  const detach = sim.hookFunction('vfs_read', {
    enter(hit) {
      answer ??= work(hit.machine);
      return undefined;
    },
  });
  while (answer === undefined) workload.step();
  detach();
  return answer;
}

/** `work` is told how often to run. */
function nanoseconds(work, milliseconds) {
  const start = process.hrtime.bigint();
  let runs = 0;
  let passed = 0;
  while (passed < milliseconds * 1e6) {
    work(1000);
    runs += 1000;
    passed = Number(process.hrtime.bigint() - start);
  }
  return passed / runs;
}

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** One argument, run into the same record again and again. */
function argumentWork(argument, prepare, machine) {
  const runner = prepare(argument.program);
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  const target = { bytes, view };
  const isText = argument.type.kind === 'string';
  const work = repeats => {
    for (let i = 0; i < repeats; i++) {
      if (isText) view.setUint32(64, (runner.measure(machine) << 16) | 256, true);
      runner.run(machine, target, 64);
    }
  };
  return { work, bytes: () => bytes };
}

function recordWork(event, prepare, machine) {
  const encoder = new RecordEncoder(event, prepare);
  const work = repeats => {
    for (let i = 0; i < repeats; i++) encoder.encode(machine, head);
  };
  return { work, bytes: () => encoder.encode(machine, head).bytes };
}

function measure(definition, machine) {
  const judgement = compileProbe(kernel, definition);
  if (!judgement.accepted) throw new Error(`${definition}: ${judgement.diagnostics[0].message}`);
  const { event } = judgement;
  const side = prepare =>
    event.args.length === 1
      ? argumentWork(event.args[0], prepare, machine)
      : recordWork(event, prepare, machine);
  const plain = side(interpretProgram);
  const generated = side(compileProgram);
  for (const { work } of [plain, generated]) nanoseconds(work, 300);
  if (Buffer.compare(plain.bytes(), generated.bytes()) !== 0)
    throw new Error(`${definition}: the two differ`);
  const pairs = Array.from({ length: rounds }, () => [
    nanoseconds(plain.work, 10),
    nanoseconds(generated.work, 10),
  ]);
  return {
    plain: median(pairs.map(([one]) => one)),
    generated: median(pairs.map(([, other]) => other)),
    ratio: median(pairs.map(([one, other]) => one / other)),
  };
}

process.stdout.write('| program | interpreter, ns | generated, ns | ratio |\n|---|---:|---:|---:|\n');
for (const [name, definition] of definitions) {
  const { plain, generated, ratio } = atHit(machine => measure(definition, machine));
  process.stdout.write(
    `| ${name} (\`${definition.slice(2)}\`) | ${plain.toFixed(0)} | ${generated.toFixed(0)} | ${ratio.toFixed(1)} |\n`,
  );
}
