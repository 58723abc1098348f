// Runs in the guest: attaches each definition in every way there is, lets the workload hit them, and compares what the
// ways read of the same hits. Arguments: definitions, workload, and the ways with commas between.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { bpfBackend } from 'btfprobe/backends/bpf';
import { tracefsBackend } from 'btfprobe/backends/tracefs';
import { openLiveKernel } from 'btfprobe/host';
import { parseDefinition } from 'btfprobe/language';
import { ValueReader } from 'btfprobe/records';
import { report } from '../fixtures/report.mjs';
import { compareHits } from './compare-hits.mjs';

const [definitionsFile, workloadFile, wayList] = process.argv.slice(2);
const ways = wayList.split(',');
const kernel = openLiveKernel();
const readValues = new ValueReader({ symbols: kernel.symbols });

const backends = {
  native: () => tracefsBackend(),
  // Where the kernel takes the line itself, only the plain form says anything new.
  lowered: () => tracefsBackend({ lowered: ways.includes('native') ? 'plain' : 'newest' }),
  bpf: () => bpfBackend({ ringBytes: 1 << 24 }),
};

/** A tracepoint takes one `t` event, a function 38 programs: definitions of one place go to different portions. */
const mostOfOnePlace = 12;
const mostTogether = 40;

const nameOf = definition => parseDefinition(definition).name.text.replace('/', ':');
const placeOf = definition => parseDefinition(definition).place.text.replace(/%return$|\+\d+$/, '');

function portions(definitions) {
  const found = [];
  for (const definition of definitions) {
    const place = placeOf(definition);
    const most = definition.startsWith('t') ? 1 : mostOfOnePlace;
    let portion = found.find(
      one => one.length < mostTogether && one.filter(other => placeOf(other) === place).length < most,
    );
    if (portion === undefined) {
      portion = [];
      found.push(portion);
    }
    portion.push(definition);
  }
  return found;
}

/** Opens a session with all that this way takes; `refusals` gets what it does not, and why. */
async function open(way, definitions, refusals) {
  let left = definitions;
  while (left.length > 0) {
    try {
      const targets = left.map(definition => ({ definition }));
      return await backends[way]().open(kernel, targets, { bufferSizeKb: 8192, pollIntervalMs: 200 });
    } catch (error) {
      if (error?.name !== 'BackendError') throw error;
      const bad = left.find(
        definition =>
          error.definition === definition || error.hints.some(hint => hint.endsWith(`: ${definition}`)),
      );
      if (bad === undefined) throw error;
      const words = [error.message, ...(error.log === undefined ? [] : [error.log.slice(-600)])];
      refusals.set(bad, { message: words[0], detail: words.slice(1).join('\n') });
      left = left.filter(definition => definition !== bad);
    }
  }
  return undefined;
}

/** A shell that waits until it is told to go, so that everything is attached before. */
function startWorkload() {
  execFileSync('mkfifo', ['/tmp/go']);
  const child = spawn('sh', [workloadFile, '/tmp/go'], { stdio: 'ignore' });
  const ended = new Promise(resolve => child.on('exit', resolve));
  return {
    pid: child.pid,
    async run() {
      const fifo = openSync('/tmp/go', 'w');
      writeSync(fifo, 'go\n');
      closeSync(fifo);
      await ended;
      execFileSync('rm', ['-f', '/tmp/go']);
    },
  };
}

const ownThreads = () => readdirSync('/proc/self/task').map(Number);
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

/** Reads a session to its end; hits by event and task, in the order of their times. */
async function read(session, hits) {
  if (session === undefined) return;
  for await (const { records } of session) {
    for (const record of records) {
      const { group, name } = record.event;
      const event = `${group}:${name}`;
      const tasks = listIn(hits, event, () => new Map());
      const list = listIn(tasks, record.pid, () => []);
      list.push({ time: record.time, comm: record.comm, args: plain(readValues.read(record)) });
    }
  }
}

function listIn(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

function plain({ args }) {
  const text = value => {
    if (value === null) return 'fault';
    if (typeof value !== 'object') return String(value);
    if (Array.isArray(value)) return `[${value.map(text).join()}]`;
    const { address, symbol } = value;
    return symbol === undefined ? `0x${address.toString(16)}` : `${symbol.name}+${symbol.offset}`;
  };
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, text(value)]));
}

async function trace(definitions) {
  const refusals = Object.fromEntries(ways.map(way => [way, new Map()]));
  const hits = Object.fromEntries(ways.map(way => [way, new Map()]));
  const workload = startWorkload();
  const before = new Set([...ownThreads(), ...kernelThreads()]);
  await sleep(300);
  const sessions = {};
  for (const way of ways) sessions[way] = await open(way, definitions, refusals[way]);
  const reading = ways.map(way => read(sessions[way], hits[way]));
  await workload.run();
  await sleep(400);
  for (const way of ways) await sessions[way]?.stop();
  await Promise.all(reading);
  const lost = Object.fromEntries(ways.map(way => [way, lostOf(sessions[way])]));
  for (const way of ways) await sessions[way]?.[Symbol.asyncDispose]();
  // Tasks of others may have been hit while only some of the ways were attached.
  const others = new Set([...before, ...ownThreads(), ...kernelThreads()]);
  const isOfWorkload = pid => pid >= workload.pid && !others.has(pid);
  return definitions.map(definition => ({
    definition,
    ...compareHits(
      ways.map(way => ({
        way,
        refusal: refusals[way].get(definition),
        lost: lost[way].get(nameOf(definition)) ?? 0,
        tasks: new Map([...(hits[way].get(nameOf(definition)) ?? [])].filter(([pid]) => isOfWorkload(pid))),
      })),
    ),
  }));
}

/** Lost hits by event. What cannot be told whose it is spoils the comparison. */
function lostOf(session) {
  const { lost = 0, lostPerEvent = new Map() } = session?.summary() ?? {};
  const known = new Map([...lostPerEvent].map(([{ group, name }, count]) => [`${group}:${name}`, count]));
  const told = [...known.values()].reduce((sum, count) => sum + count, 0);
  if (lost !== told) throw new Error(`${session.backend} lost ${lost - told} records`);
  return known;
}

/** Children of kthreadd. */
function kernelThreads() {
  const found = [];
  for (const name of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      if (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === '2') found.push(Number(name));
    } catch {
      // It has ended in between.
    }
  }
  return found;
}

const definitions = readFileSync(definitionsFile, 'latin1')
  .split('\n')
  .filter(line => line !== '' && !line.startsWith('#'));
report('kernel', { release: kernel.release, version: readFileSync('/proc/version', 'latin1').trim() });
for (const portion of portions(definitions)) {
  const start = performance.now();
  for (const row of await trace(portion))
    report(nameOf(row.definition), { ...row, differences: row.differences.slice(0, 40) });
  console.log(`${portion.length} definitions: ${Math.round(performance.now() - start)} ms`);
}
process.exit(0);
