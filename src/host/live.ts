import { closeSync, openSync, readdirSync, statSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import {
  architectureOf,
  createKernel,
  dialectFromReadme,
  KernelError,
  type KernelFacts,
  type KernelOptions,
  type KernelPart,
  type KernelSource,
  type OpenedKernel,
} from '../kernel/index.js';
import { readBeginning, readIfThere, readPieces } from './files.js';
import { MachineFiles, parseConfig, parseCpuList } from './live-facts.js';
import { kernelBuild, SymbolFile } from './symbol-file.js';
import { findTracefs, mountTracefsHint } from './tracefs-mount.js';
import { TypesFile } from './types-file.js';
import { defaultCacheFolder, UnpackedCache } from './unpacked-cache.js';

/** How this machine's kernel is opened. */
export interface LiveOptions extends KernelOptions {
  /** A folder below which the machine's `/proc`, `/sys` and `/boot` are seen, as in a container; default `/`. */
  readonly root?: string;
  /** Folder that keeps where symbols lie between runs (docs/bundles.md); default `~/.cache/btfprobe`; `false`: none. */
  readonly cache?: string | false;
}

/** A part of the facts that this user cannot have on this machine. */
export interface MissingPart {
  /** The part's name in a bundle; or `README`, `config`. */
  readonly part: KernelPart | 'README' | 'config';
  /** Why, with the file and what would help. */
  readonly reason: string;
}

/** The kernel of this machine. */
export interface LiveKernel extends OpenedKernel {
  /** What cannot be known of it by this user. */
  readonly missing: readonly MissingPart[];
  /**
   * Follows modules that were loaded and unloaded since the kernel was opened, or since the last call: look-ups see the
   * modules of now. Handles on types of a module that is gone stay readable until they are disposed; a module that was
   * loaded again is a new one (spec 10 R10-40, R10-41).
   */
  refreshModules(): ModuleChanges;
}

/** Modules with types that came and went. One that was loaded again is in both. */
export interface ModuleChanges {
  /** In load order. */
  readonly loaded: readonly string[];
  readonly unloaded: readonly string[];
}

/**
 * Opens the kernel of this machine. Only files are read: nothing is mounted, attached or changed.
 * What the user may not read is empty, and named in `missing`. Throws a `KernelError` where nothing at all can be said:
 * `unsupported-architecture`, or `not-found` (no `/proc`).
 */
export function openLiveKernel(options: LiveOptions = {}): LiveKernel {
  const source = new LiveSource(options.root ?? '/', options.cache ?? defaultCacheFolder());
  const kernel = createKernel(source, options);
  return Object.assign(kernel, {
    missing: source.missing,
    refreshModules: () => followModules(kernel, source),
  });
}

function followModules(kernel: OpenedKernel, source: LiveSource): ModuleChanges {
  const { modules } = kernel;
  const before = source.listed;
  const order = source.modules() ?? [];
  const now = [...source.typedModules()].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const isSame = (module: string) => before.get(module) === source.listed.get(module);
  const unloaded = [...before.keys()].filter(module => !isSame(module));
  const loaded = now.filter(module => !isSame(module));
  for (const module of unloaded) modules.unload(module);
  for (const module of loaded) modules.load(module, () => source.moduleBtf(module));
  if (loaded.length + unloaded.length > 0) kernel.reread();
  return { loaded, unloaded };
}

/** The facts of this machine's kernel as its files show them to this user. */
export class LiveSource implements KernelSource {
  readonly name = 'live';
  readonly facts: KernelFacts;
  readonly missing: MissingPart[] = [];
  /** Modules that were there when `typedModules` was last asked, with the inode of their types: a reload has another. */
  listed: ReadonlyMap<string, bigint | undefined> = new Map();
  readonly #root: string;
  readonly #cache: string | false;
  #kept: KeptFacts | undefined;
  readonly #tracefs: string | undefined;

  /** `cache`: as `LiveOptions` has it. */
  constructor(root: string, cache: string | false = false) {
    this.#root = root;
    this.#cache = cache;
    this.#tracefs = findTracefs(root);
    this.facts = this.#readFacts();
    for (const part of liveParts) this.#checkPart(part);
  }

  /** Where tracefs is mounted. */
  get tracefs(): string | undefined {
    return this.#tracefs;
  }

  read(part: KernelPart): Uint8Array | undefined {
    if (part === 'vmlinux.btf' && this.typeStarts !== undefined)
      return orNothing(() => this.typeStarts?.read());
    const path = this.#pathOf(part);
    return path === undefined ? undefined : readOrNothing(path);
  }

  /** The kernel writes its symbols line by line, all of them for longer than most commands take. */
  pieces(part: KernelPart): Iterator<Uint8Array> | undefined {
    return part === 'kallsyms' ? readPieces(join(this.#root, '/proc/kallsyms')) : undefined;
  }

  get symbolMemory(): SymbolFile | undefined {
    return this.#keptFacts.symbols;
  }

  get typeStarts(): TypesFile | undefined {
    return this.#keptFacts.types;
  }

  get #keptFacts(): KeptFacts {
    this.#kept ??= openKept(this.#root, this.#cache);
    return this.#kept;
  }

  typedModules(): readonly string[] {
    const folder = join(this.#root, '/sys/kernel/btf');
    const names = listFolder(folder).filter(name => name !== 'vmlinux');
    const inode = (name: string) =>
      statSync(join(folder, name), { bigint: true, throwIfNoEntry: false })?.ino;
    this.listed = new Map(names.map(name => [name, inode(name)]));
    return names;
  }

  moduleBtf(module: string): Uint8Array | undefined {
    return isFileName(module) ? readOrNothing(join(this.#root, '/sys/kernel/btf', module)) : undefined;
  }

  /** `/proc/modules` shows the module that was loaded last first. */
  modules(): readonly string[] | undefined {
    const bytes = readOrNothing(join(this.#root, '/proc/modules'));
    if (bytes === undefined) return undefined;
    return text(bytes)
      .split('\n')
      .flatMap(line => line.split(' ', 1))
      .filter(Boolean)
      .reverse();
  }

  eventFormat(group: string, name: string): Uint8Array | undefined {
    if (this.#tracefs === undefined || !isFileName(group) || !isFileName(name)) return undefined;
    return readOrNothing(join(this.#tracefs, 'events', group, name, 'format'));
  }

  #readFacts(): KernelFacts {
    const release = readIfThere(join(this.#root, '/proc/sys/kernel/osrelease'));
    if (release === undefined)
      throw new KernelError('not-found', `there is no live Linux kernel: ${this.#root} has no proc`);
    const readme = this.#tracefs === undefined ? undefined : readOrNothing(join(this.#tracefs, 'README'));
    if (readme === undefined) {
      const reason =
        whyNot(this.#tracefs && join(this.#tracefs, 'README')) ?? 'the README of tracefs cannot be read';
      this.missing.push({ part: 'README', reason: `${reason}; the kernel's types tell what it understands` });
    }
    return {
      release: text(release).trim(),
      arch: architectureOf(machine()),
      features: readme === undefined ? undefined : dialectFromReadme(text(readme)),
      possibleCpus: parseCpuList(text(readOrNothing(join(this.#root, '/sys/devices/system/cpu/possible')))),
      config: this.#readConfig(text(release).trim()),
      fileFacts: { cwd: process.cwd(), files: new MachineFiles(), sameFile: [] },
    };
  }

  #readConfig(release: string): ReadonlyMap<string, string | number> {
    const places = ['/proc/config.gz', `/boot/config-${release}`, `/lib/modules/${release}/config`];
    for (const place of places) {
      const bytes = readOrNothing(join(this.#root, place));
      if (bytes !== undefined) return parseConfig(bytes);
    }
    this.missing.push({ part: 'config', reason: `none of ${places.join(', ')} can be read` });
    return new Map();
  }

  #pathOf(part: KernelPart): string | undefined {
    const below = (folder: string | undefined, file: string) => folder && join(folder, file);
    switch (part) {
      case 'vmlinux.btf':
        return join(this.#root, btfFile);
      case 'kallsyms':
        return join(this.#root, '/proc/kallsyms');
      case 'kprobes-blacklist':
        return join(this.#root, '/sys/kernel/debug/kprobes/blacklist');
      case 'available_filter_functions':
      case 'available_filter_functions_addrs':
      case 'available_events':
        return below(this.#tracefs, part);
      // No file of a running kernel lists these: formats are read one by one, tracepoints are told from kallsyms.
      case 'event-formats':
      case 'tracepoints':
        return undefined;
    }
  }

  #checkPart(part: KernelPart) {
    const path = this.#pathOf(part);
    const reason = whyNot(path) ?? (part === 'kallsyms' ? whyNoAddresses(path!) : undefined);
    if (reason === undefined) return;
    const hint = reason.startsWith('there is no') ? absentHints[part] : undefined;
    this.missing.push({ part, reason: hint === undefined ? reason : `${reason}; ${hint}` });
  }
}

const btfFile = '/sys/kernel/btf/vmlinux';

/** The parts that are looked at when the kernel is opened. */
const liveParts = [
  'vmlinux.btf',
  'kallsyms',
  'available_filter_functions',
  'available_filter_functions_addrs',
  'available_events',
  'kprobes-blacklist',
] as const satisfies readonly KernelPart[];

/** What it may mean that a file is not there. */
const absentHints: { readonly [part in KernelPart]?: string } = {
  'kprobes-blacklist': 'mount debugfs if it is not: mount -t debugfs nodev /sys/kernel/debug',
  available_filter_functions_addrs: 'kernels before 6.5 have none',
  'vmlinux.btf': 'the kernel was built without CONFIG_DEBUG_INFO_BTF',
};

/** Why a file cannot be read, `undefined` if it can. No path stands for a file of a tracefs that is not mounted. */
function whyNot(path: string | undefined): string | undefined {
  if (path === undefined) return `tracefs is not mounted; ${mountTracefsHint}`;
  try {
    closeSync(openSync(path, 'r'));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? `there is no ${path}`
      : `${path} is closed to this user (${code}); root may read it`;
  }
}

/** Per-CPU symbols begin the list: within its first part, mostly its first page, some address is not zero, unless all are hidden. */
function whyNoAddresses(path: string): string | undefined {
  try {
    for (const size of [1 << 12, 1 << 16])
      if (/^0*[1-9a-f]/m.test(text(readBeginning(path, size)))) return undefined;
  } catch (error) {
    return `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
  return `${path} shows no addresses to this user (kernel.kptr_restrict); root sees them`;
}

/** What is kept between runs; nothing where the kernel's build is not known. */
interface KeptFacts {
  readonly symbols?: SymbolFile;
  readonly types?: TypesFile;
}

function openKept(root: string, cache: string | false): KeptFacts {
  const build = cache === false ? undefined : kernelBuild(root);
  if (cache === false || build === undefined) return {};
  return {
    symbols: new SymbolFile(build, join(cache, 'symbols')),
    types: new TypesFile(join(root, btfFile), build, new UnpackedCache(cache)),
  };
}

function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Names from outside never leave their folder. */
function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}

/** A failing read means the same as no file here: `missing` tells the user why. */
function readOrNothing(path: string): Uint8Array | undefined {
  return orNothing(() => readIfThere(path));
}

function orNothing(read: () => Uint8Array | undefined): Uint8Array | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}
