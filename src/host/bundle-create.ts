import { readdirSync, readFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import type { KernelPart } from '../kernel/index.js';
import { sha256 } from './bundle-unpack.js';
import { type BundlePart, writeBundle } from './bundle-write.js';
import { LiveSource } from './live.js';
import { parseDynamicEvents } from './tracefs-text.js';

/** What goes into a new bundle. */
export interface CreateBundleOptions {
  /** Modules whose types it holds: all that are loaded (default), or these. */
  readonly modules?: 'all' | readonly string[];
  /** A folder below which the machine's `/proc`, `/sys` and `/boot` are seen; default `/`. */
  readonly root?: string;
}

/** A part that a bundle lacks. */
export interface MissingFromBundle {
  /** A part's name (docs/bundles.md), or `README`, `config`. */
  readonly part: string;
  /** Which file, why it could not be read, and what would help. */
  readonly reason: string;
}

/** What was written. */
export interface CreatedBundle {
  readonly release: string;
  /** Names of the parts and their bytes before compression. */
  readonly parts: readonly { readonly name: string; readonly size: number }[];
  readonly missing: readonly MissingFromBundle[];
}

/**
 * Writes a bundle of the running kernel: one file when `out` ends in `.btfbundle`, else a folder. Only reads on the
 * traced side: nothing is mounted, attached or changed. What this user may not read is left out and named in `missing`,
 * here and in `facts.json`. Throws a `HostError` when it cannot be written, a `KernelError` where there is no kernel.
 */
export function createBundle(out: string, options: CreateBundleOptions = {}): CreatedBundle {
  const collected = new Collection(options);
  const parts = collected.parts();
  writeBundle(out, parts);
  return {
    release: collected.release,
    parts: parts.map(({ name, bytes }) => ({ name, size: bytes.length })),
    missing: collected.missing,
  };
}

/** Options of the configuration by which answers, layouts and records differ. */
const toldOptions = new Set(
  [
    'KPROBES KPROBE_EVENTS FPROBE FPROBE_EVENTS UPROBE_EVENTS PROBE_EVENTS PROBE_EVENTS_BTF_ARGS',
    'KPROBE_EVENTS_ON_NOTRACE FUNCTION_TRACER DYNAMIC_FTRACE KPROBES_ON_FTRACE KRETPROBE_ON_RETHOOK',
    'DEBUG_INFO_BTF DEBUG_INFO_BTF_MODULES HAVE_FUNCTION_ARG_ACCESS_API KALLSYMS_ALL MODULES SYNTH_EVENTS',
    'PREEMPT_DYNAMIC PREEMPT_RT ARCH_HAS_PREEMPT_LAZY X86_KERNEL_IBT VMAP_STACK HZ NR_CPUS KASAN BPF_SYSCALL BPF_EVENTS',
  ].flatMap(line => line.split(' ').map(name => `CONFIG_${name}`)),
);

class Collection {
  readonly release: string;
  readonly missing: MissingFromBundle[];
  readonly #root: string;
  readonly #source: LiveSource;
  readonly #wanted: 'all' | readonly string[];

  constructor({ root = '/', modules = 'all' }: CreateBundleOptions) {
    this.#root = root;
    this.#source = new LiveSource(root);
    this.#wanted = modules;
    this.release = this.#source.facts.release;
    this.missing = [...this.#source.missing];
  }

  /** `facts.json` first: it is read at once when a bundle is opened. */
  parts(): readonly BundlePart[] {
    const types = this.#part('vmlinux.btf');
    const modules = types.length === 0 ? [] : this.#moduleTypes();
    const rest = [
      ...this.#symbols(),
      ...this.#part('available_filter_functions'),
      ...this.#part('available_filter_functions_addrs'),
      ...this.#part('kprobes-blacklist'),
      ...this.#events(),
    ];
    return [this.#facts(types[0], modules), ...types, ...modules, ...rest];
  }

  #part(name: KernelPart): BundlePart[] {
    const bytes = this.#source.read(name);
    // Some files open for everybody and are closed to reading (a locked-down kernel), or say nothing.
    if (bytes === undefined)
      this.#miss(name, `${name} cannot be read; root may, unless the kernel is locked down`);
    return bytes === undefined ? [] : [{ name, bytes }];
  }

  /** Addresses that are all zero are no addresses: look-ups would answer wrongly. Names of tracepoints are told anyhow. */
  #symbols(): BundlePart[] {
    const hidden = this.missing.some(({ part }) => part === 'kallsyms');
    const bytes = this.#source.read('kallsyms');
    if (bytes === undefined) return hidden ? [] : this.#part('kallsyms');
    const variables = Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/ __tracepoint_(\S+)/g);
    const names = Array.from(new Set(Array.from(variables, ([, name]) => name!))).sort();
    const tracepoints = { name: 'tracepoints', bytes: Buffer.from(names.map(name => `${name}\n`).join('')) };
    return hidden ? [tracepoints] : [{ name: 'kallsyms', bytes }, tracepoints];
  }

  #moduleTypes(): BundlePart[] {
    const loaded = this.#source.typedModules();
    const wanted = this.#wanted === 'all' ? loaded : this.#wanted;
    return [...wanted].sort().flatMap(module => {
      const bytes = this.#source.moduleBtf(module);
      if (bytes !== undefined) return [{ name: `modules/${module}.btf`, bytes }];
      const reason = loaded.includes(module)
        ? `/sys/kernel/btf/${module} cannot be read`
        : `there is no /sys/kernel/btf/${module}: the module is not loaded, or has no types`;
      this.#miss(`modules/${module}.btf`, reason);
      return [];
    });
  }

  /** Events that somebody defined for the time being belong to him, not to the kernel. */
  #events(): BundlePart[] {
    const list = this.#part('available_events');
    const folder = this.#source.tracefs;
    const dynamic = new Set(folder === undefined ? [] : readDynamicEvents(folder));
    const blocks: Uint8Array[] = [];
    for (const [group, name] of folder === undefined ? [] : listEvents(folder)) {
      const format = dynamic.has(`${group}/${name}`) ? undefined : this.#source.eventFormat(group, name);
      if (format === undefined) continue;
      blocks.push(Buffer.from(`@@ ${group}/${name}\n`, 'latin1'), withNewline(format));
    }
    if (blocks.length === 0) {
      const reason = this.missing.find(({ part }) => part === 'available_events')?.reason;
      this.#miss('event-formats', reason ?? `${folder}/events is closed to this user; root may read it`);
    }
    return [
      ...list.map(({ name, bytes }) => ({ name, bytes: withoutEvents(bytes, dynamic) })),
      ...(blocks.length === 0 ? [] : [{ name: 'event-formats', bytes: Buffer.concat(blocks) }]),
    ];
  }

  #facts(types: BundlePart | undefined, modules: readonly BundlePart[]): BundlePart {
    const { facts } = this.#source;
    const config = Array.from(facts.config).filter(([name]) => toldOptions.has(name));
    const told = {
      header: true,
      kernelName: facts.release,
      kernel: facts.release,
      version: readLine(join(this.#root, '/proc/sys/kernel/version')),
      arch: machine(),
      ...(types && { btfSha256: sha256(types.bytes) }),
      modules: this.#source.modules() ?? [],
      moduleBtfSha256: Object.fromEntries(
        modules.map(({ name, bytes }) => [name.slice('modules/'.length, -'.btf'.length), sha256(bytes)]),
      ),
      ...(config.length > 0 && { config: Object.fromEntries(config) }),
      ...(facts.features && { features: facts.features }),
      possibleCpus: facts.possibleCpus,
      missing: this.missing,
    };
    return { name: 'facts.json', bytes: Buffer.from(`${JSON.stringify(told, null, 1)}\n`) };
  }

  #miss(part: string, reason: string) {
    if (!this.missing.some(known => known.part === part)) this.missing.push({ part, reason });
  }
}

/** `group/name` of the probe and synthetic events that are defined now. */
function readDynamicEvents(tracefs: string): readonly string[] {
  try {
    const text = readFileSync(join(tracefs, 'dynamic_events'), 'latin1');
    return parseDynamicEvents(text).map(({ group, name }) => `${group}/${name}`);
  } catch {
    return [];
  }
}

/** Groups and names of all events that have a format, the tracer's own included, which `available_events` leaves out. */
function listEvents(tracefs: string): readonly (readonly [string, string])[] {
  const folders = (path: string) => {
    try {
      const entries = readdirSync(path, { withFileTypes: true });
      return entries
        .filter(entry => entry.isDirectory())
        .map(({ name }) => name)
        .sort();
    } catch {
      // A group may be gone between listing and looking.
      return [];
    }
  };
  const events = join(tracefs, 'events');
  return folders(events).flatMap(group => folders(join(events, group)).map(name => [group, name] as const));
}

/** The lines of `available_events` but those of the given `group/name`. */
function withoutEvents(list: Uint8Array, events: ReadonlySet<string>): Uint8Array {
  const lines = Buffer.from(list).toString('latin1').split('\n');
  const kept = lines.filter(line => !events.has(line.replace(':', '/')));
  return Buffer.from(kept.join('\n'), 'latin1');
}

function withNewline(text: Uint8Array): Buffer {
  return text.at(-1) === 0x0a ? Buffer.from(text) : Buffer.concat([text, Buffer.from('\n')]);
}

function readLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
