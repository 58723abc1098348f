import { HostError, type RawPipe, type TracefsFiles } from '../../../src/host/index.js';

const HEADER_PAGE = `	field: u64 timestamp;	offset:0;	size:8;	signed:0;
	field: local_t commit;	offset:8;	size:8;	signed:1;
	field: int overwrite;	offset:8;	size:1;	signed:1;
	field: char data;	offset:16;	size:4080;	signed:0;
`;
const HEADER_EVENT = `# compressed entry header
	type_len    :    5 bits
	time_delta  :   27 bits
	array       :   32 bits

	padding     : type == 29
	time_extend : type == 30
	time_stamp : type == 31
	data max type_len  == 28
`;
const STATS = `entries: 0
overrun: 0
commit overrun: 0
bytes: 0
oldest event ts:     0.000000
now ts:     1.000000
dropped events: 0
read events: 0
`;

/** A refusal that the next matching write to `dynamic_events` meets. */
export interface PlannedRefusal {
  readonly when: RegExp;
  readonly errno: string;
  /** Appended to `error_log`, given the refused line. */
  readonly log?: (line: string) => string;
}

/** So much of a tracefs in memory as teardown order and error handling need. It judges nothing by itself. */
export class MemoryTracefs implements TracefsFiles {
  readonly mount = '/memory';
  /** Everything done, in order: `write PATH TEXT`, `mkdir PATH`, `rmdir PATH`, `open PATH`, `close PATH`. */
  readonly journal: string[] = [];
  readonly refusals: PlannedRefusal[] = [];
  /** `group/name` to the line of `dynamic_events`. */
  readonly probes = new Map<string, string>();
  readonly staticEvents = new Set(['sched/sched_switch', 'sched/sched_wakeup']);
  readonly instances = new Set<string>();
  /** Pages that reads of a CPU find, by `cpuN`. */
  readonly pages = new Map<string, Uint8Array[]>();
  readonly stats = new Map<string, string>();
  /** Texts of events' `format` files, by `name`; others have an address alone. */
  readonly formats = new Map<string, string>();
  /** Paths whose writes fail with EINVAL. */
  readonly broken = new Set<string>();
  readonly #enabled = new Set<string>();
  readonly #open = new Map<string, number>();
  readonly #files = new Map<string, string>();
  #log = '';

  read(path: string): string {
    if (path === 'dynamic_events') return [...this.probes.values()].map(line => `${line}\n`).join('');
    if (path === 'error_log') return this.#log;
    if (path === 'saved_cmdlines') return '12 sh\n';
    if (path === 'saved_tgids') return '12 12\n13 12\n';
    if (path.endsWith('header_page')) return HEADER_PAGE;
    if (path.endsWith('header_event')) return HEADER_EVENT;
    if (path.endsWith('trace_clock')) return '[local] global counter mono';
    const stats = /per_cpu\/(cpu\d)\/stats$/.exec(path);
    if (stats !== null) return this.stats.get(stats[1]!) ?? STATS;
    const event = /events\/([^/]+)\/([^/]+)\/(format|enable)$/.exec(path);
    if (event !== null && this.#exists(`${event[1]}/${event[2]}`)) {
      return event[3] === 'format'
        ? (this.formats.get(event[2]!) ?? formatOf(event[2]!))
        : this.#enabled.has(path)
          ? '1\n'
          : '0\n';
    }
    const text = this.#files.get(path);
    if (text === undefined) throw failure('not-found', path, 'ENOENT');
    return text;
  }

  async writeMeanwhile(path: string, text: string): Promise<void> {
    await new Promise(resolve => setImmediate(resolve));
    this.write(path, text);
  }

  write(path: string, text: string): void {
    this.journal.push(`write ${path} ${text}`);
    if (this.broken.has(path)) throw failure('refused', path, 'EINVAL');
    if (path === 'dynamic_events') {
      this.#writeProbe(text);
      return;
    }
    const enable = /events\/([^/]+\/[^/]+)\/enable$/.exec(path);
    if (enable !== null) {
      if (!this.#exists(enable[1]!)) throw failure('not-found', path, 'ENOENT');
      if (text === '1') this.#enabled.add(path);
      else this.#enabled.delete(path);
      return;
    }
    this.#files.set(path, text);
  }

  list(path: string): readonly string[] {
    if (path === 'instances') return [...this.instances];
    if (path.endsWith('per_cpu')) return ['cpu0', 'cpu1'];
    throw failure('not-found', path, 'ENOENT');
  }

  makeDirectory(path: string): void {
    this.journal.push(`mkdir ${path}`);
    const name = path.slice('instances/'.length);
    if (this.instances.has(name)) throw failure('exists', path, 'EEXIST');
    this.instances.add(name);
  }

  removeDirectory(path: string): void {
    this.journal.push(`rmdir ${path}`);
    const name = path.slice('instances/'.length);
    if (!this.instances.has(name)) throw failure('not-found', path, 'ENOENT');
    for (const [file, count] of this.#open) {
      if (count > 0 && file.startsWith(`${path}/`)) throw failure('busy', path, 'EBUSY');
    }
    for (const file of [...this.#enabled]) if (file.startsWith(`${path}/`)) this.#enabled.delete(file);
    this.instances.delete(name);
  }

  openRaw(path: string): RawPipe {
    this.journal.push(`open ${path}`);
    this.#open.set(path, (this.#open.get(path) ?? 0) + 1);
    const pages = this.pages.get(/cpu\d/.exec(path)![0]) ?? [];
    return {
      read: into => {
        const page = pages.shift();
        if (page === undefined) return 0;
        into.set(page);
        return page.length;
      },
      close: () => {
        this.journal.push(`close ${path}`);
        this.#open.set(path, this.#open.get(path)! - 1);
      },
    };
  }

  /** What is left of anything that was made, for a test to find empty. */
  remains(): string[] {
    const open = [...this.#open].filter(([, count]) => count > 0).map(([path]) => `open ${path}`);
    return [...this.probes.keys(), ...this.instances, ...this.#enabled, ...open];
  }

  #writeProbe(text: string): void {
    const plan = this.refusals.find(one => one.when.test(text));
    if (plan !== undefined) {
      this.#log += plan.log?.(text) ?? '';
      throw failure(plan.errno === 'EBUSY' ? 'busy' : 'refused', 'dynamic_events', plan.errno);
    }
    if (text.startsWith('-:')) {
      const key = text.slice(2);
      if (!this.probes.has(key)) throw failure('not-found', 'dynamic_events', 'ENOENT');
      for (const file of this.#enabled) {
        if (file.endsWith(`events/${key}/enable`)) throw failure('busy', 'dynamic_events', 'EBUSY');
      }
      this.probes.delete(key);
      return;
    }
    const match = /^[a-z]\d*:(\S+)/.exec(text);
    if (match === null) throw failure('refused', 'dynamic_events', 'EINVAL');
    this.probes.set(match[1]!, text);
  }

  #exists(key: string): boolean {
    return this.probes.has(key) || this.staticEvents.has(key);
  }
}

function formatOf(name: string): string {
  return `name: ${name}
ID: 1500
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long __probe_ip;	offset:8;	size:8;	signed:0;

print fmt: "(%lx)", REC->__probe_ip
`;
}

function failure(code: HostError['code'], path: string, errno: string): HostError {
  return new HostError(code, `/memory/${path}`, `cannot use ${path}: ${errno}`, { errno });
}
