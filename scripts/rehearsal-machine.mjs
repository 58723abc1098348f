// A machine to rehearse on: files below a folder that Node is made to see as /proc and /sys, with the facts of the built-in
// kernel and as much of a tracefs as tracing one definition takes, and a koffi that calls nobody. Of the real machine's
// kernel nothing is read, and nothing in it is touched.
import fs from 'node:fs';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** What can be traced here: two arguments, a text and 64 bits. */
export const definition = 'f vfs_read name=file->f_path.dentry->d_name.name:string count';

const bundle = fileURLToPath(new URL('../kernels/6.12-cloud/', import.meta.url));
const { openSync, mkdirSync, rmdirSync, writeFileSync, rmSync, mkdtempSync, readFileSync } = fs;
const tracefs = '/sys/kernel/tracing';
const eventId = 1500;
const pageSize = 4096;

/** Pieces of the README by which a kernel's probe language is known, one a line; types in the paragraph of types. */
const readme = String.raw`
  Create/append/remove/show
  f[:[<group>/][<event>]] <func-name>[%return] [<args>]
  t[:[<group>/][<event>]] <tracepoint> [<args>]
  e[:[<group>/][<event>]] <attached-group>.<attached-event> [<args>] [if <filter>]
  <argname>[->field[->field|.field...]] $arg<N> +|-[u]<offset>(<fetcharg>) \imm-value
  kernel return probes support: $retval, $arg<N>
	type: char, %pd/%pD, ustring, symstr, <type>\[<array-size>\]
`;
const format = (name, id) => String.raw`name: ${name}
ID: ${id}
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long __probe_ip;	offset:8;	size:8;	signed:0;
	field:__data_loc char[] name;	offset:16;	size:4;	signed:1;
	field:u64 count;	offset:20;	size:8;	signed:0;

print fmt: "(%lx) name=\"%s\" count=%Lu", REC->__probe_ip, __get_str(name), REC->count
`;
/** What a real kernel showed of its buffers. */
const recorded = name =>
  readFileSync(fileURLToPath(new URL(`../test/data/traces/6.12-cloud/${name}`, import.meta.url)), 'latin1');

/** The note that names a build. */
function noteOf(build) {
  const sizes = Buffer.from(Uint32Array.of(4, build.length, 3).buffer);
  return Buffer.concat([sizes, Buffer.from('GNU\0'), build]);
}

/** A sub-buffer with one record, of a long time ago. */
function pageOf(address) {
  const text = 'passwd\0';
  const record = Buffer.alloc(36);
  record.writeUInt16LE(eventId, 0);
  record.writeInt32LE(1, 4);
  record.writeBigUInt64LE(address, 8);
  record.writeUInt32LE((text.length << 16) | 28, 16);
  record.writeBigUInt64LE(4096n, 20);
  record.write(text, 28, 'latin1');
  const page = Buffer.alloc(pageSize);
  page.writeBigUInt64LE(1_000_000_000n, 0);
  page.writeBigUInt64LE(BigInt(4 + record.length), 8);
  page.writeUInt32LE(record.length / 4, 16);
  record.copy(page, 20);
  return page;
}

/** Makes the machine and puts it in the place of this one, for this process. Answers how its files are removed. */
export function enterMachine() {
  const root = mkdtempSync(join(tmpdir(), 'btfprobe-rehearsal-'));
  const put = (path, content) => {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, content);
  };
  const part = name => gunzipSync(readFileSync(`${bundle}${name}.gz`));
  const kallsyms = part('kallsyms');
  const [, digits] = /^([0-9a-f]+) T vfs_read$/m.exec(kallsyms.toString('latin1'));
  const page = pageOf(BigInt(`0x${digits}`) + 4n);
  put('/proc/self/mountinfo', `25 24 0:12 / ${tracefs} rw,nosuid - tracefs tracefs rw\n`);
  put('/proc/sys/kernel/osrelease', '6.12.117+deb12-cloud-amd64\n');
  put('/proc/kallsyms', kallsyms);
  put('/sys/devices/system/cpu/possible', '0-1\n');
  put('/sys/kernel/notes', noteOf(Buffer.alloc(20, 1)));
  process.env.XDG_CACHE_HOME = root;
  put('/sys/kernel/btf/vmlinux', part('vmlinux.btf'));
  put('/sys/kernel/debug/kprobes/blacklist', part('kprobes-blacklist'));
  for (const name of ['available_events', 'available_filter_functions', 'available_filter_functions_addrs'])
    put(`${tracefs}/${name}`, part(name));
  const texts = {
    README: readme,
    'events/header_event': recorded('header_event'),
    saved_cmdlines: '1 init\n',
  };
  for (const name of ['dynamic_events', 'error_log', 'kprobe_events', 'kprobe_profile', 'printk_formats'])
    texts[name] = '';
  for (const [name, text] of Object.entries(texts)) put(`${tracefs}/${name}`, text);
  mkdirSync(`${root}${tracefs}/instances`);

  const makeInstance = path => {
    const files = { tracing_on: '1', trace_clock: '[local] mono', buffer_percent: '50' };
    for (const cpu of ['cpu0', 'cpu1']) {
      files[`per_cpu/${cpu}/stats`] = recorded('stats.cpu0');
      files[`per_cpu/${cpu}/trace_pipe_raw`] = cpu === 'cpu0' ? page : '';
    }
    files['events/header_page'] = recorded('header_page');
    for (const [name, text] of Object.entries(files)) put(`${path}/${name}`, text);
  };
  const define = line => {
    const [, event, name] = /^f:(\S+\/(\S+)) /.exec(line) ?? [];
    if (event === undefined) return;
    put(`${tracefs}/events/${event}/format`, format(name, eventId));
    for (const instance of fs.readdirSync(`${root}${tracefs}/instances`))
      put(`${tracefs}/instances/${instance}/events/${event}/enable`, '0');
  };
  stageFiles(root, { makeInstance, define });
  stageKoffi();
  return () => rmSync(root, { recursive: true });
}

/** Has `node:fs` see the machine's files, and standard output and error as pipes that take everything. */
function stageFiles(root, { makeInstance, define }) {
  const isThere = path => /^\/(sys\/|proc\/(kallsyms|sys\/|self\/mountinfo))/.test(path);
  const placeOf = path => (typeof path === 'string' && isThere(path) ? root + path : path);
  for (const name of ['openSync', 'readFileSync', 'readdirSync', 'statSync', 'existsSync']) {
    const real = fs[name];
    fs[name] = (path, ...rest) => real(placeOf(path), ...rest);
  }
  const definitions = new Set();
  fs.openSync = (path, ...rest) => {
    const [, standard] = /^\/proc\/self\/fd\/([12])$/.exec(path) ?? [];
    if (standard !== undefined) return Number(standard);
    const file = openSync(placeOf(path), ...rest);
    if (path === `${tracefs}/dynamic_events`) definitions.add(file);
    return file;
  };
  const { closeSync, fstatSync, writeSync, write } = fs;
  fs.closeSync = file => {
    definitions.delete(file);
    closeSync(file);
  };
  fs.fstatSync = (file, ...rest) =>
    isStandard(file)
      ? { isFile: () => false, isFIFO: () => true, isCharacterDevice: () => false }
      : fstatSync(file, ...rest);
  fs.writeSync = (file, bytes, at = 0, ...rest) => {
    if (definitions.has(file)) define(bytes.toString('latin1'));
    return isStandard(file) ? bytes.length - at : writeSync(file, bytes, at, ...rest);
  };
  fs.write = (file, bytes, ...rest) => {
    if (definitions.has(file)) define(bytes.toString('latin1'));
    write(file, bytes, ...rest);
  };
  fs.mkdirSync = (path, ...rest) => {
    mkdirSync(placeOf(path), ...rest);
    if (path.startsWith(`${tracefs}/instances/`)) makeInstance(path);
  };
  fs.rmdirSync = (path, ...rest) =>
    isThere(path) ? rmSync(placeOf(path), { recursive: true }) : rmdirSync(path, ...rest);
}

function isStandard(file) {
  return file === 1 || file === 2;
}

/** System calls succeed; the ring buffer holds one record, of zeros. */
function stageKoffi() {
  const recordBytes = 120;
  const koffi = {
    load: () => ({ func: () => () => 100 }),
    errno: () => 0,
    address: () => 1n,
    view: (_address, length) => {
      const memory = new ArrayBuffer(length);
      if (length > pageSize) {
        new DataView(memory).setBigUint64(0, BigInt(recordBytes + 8), true);
        new DataView(memory).setUint32(pageSize, recordBytes, true);
      }
      return memory;
    },
  };
  const load = Module._load;
  Module._load = (request, ...rest) => (request === 'koffi' ? koffi : load(request, ...rest));
}
