import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createKernel, type DialectFeatures, featuresOf, type Kernel, KernelError } from '../kernel/index.js';
import { type BundleOptions, BundleSource, bundleName, openBundleParts } from './bundle.js';
import { moduleOfPart } from './bundle-parts.js';
import { sha256 } from './bundle-unpack.js';

/** What a bundle holds, and what it lacks. */
export interface BundleSummary {
  readonly name: string;
  readonly form: 'folder' | 'file';
  /** Bytes on disk of a bundle in one file; `undefined` for a folder. */
  readonly fileSize: number | undefined;
  /** `uname -r`. */
  readonly release: string;
  /** `uname -v`, '' when it does not say. */
  readonly version: string;
  readonly arch: string;
  readonly possibleCpus: number;
  readonly dialect: DialectFeatures;
  /** The known dialect that its verdicts and messages follow. */
  readonly judgedAs: string;
  /** What tells the dialect. */
  readonly dialectFrom: 'README' | 'types';
  /** Number of configuration options that are known. */
  readonly configOptions: number;
  /** SHA-256 of the BTF of vmlinux in hexadecimal; `undefined` without one. */
  readonly btfSha256: string | undefined;
  /** Modules whose types it holds, in load order. */
  readonly modules: readonly string[];
  readonly parts: readonly PartSummary[];
  readonly missing: readonly MissingSummary[];
}

/** A part that is there. */
export interface PartSummary {
  readonly name: string;
  /** Decompressed bytes. */
  readonly size: number;
  /** How many things it lists, and what they are called: 12 `symbols`; `undefined` where nothing is counted. */
  readonly count: number | undefined;
  readonly unit: string | undefined;
}

/** A part that is not there. */
export interface MissingSummary {
  readonly part: string;
  /** Why, if whoever made the bundle said so. */
  readonly reason: string | undefined;
  /** What answers from this bundle are worth without it. */
  readonly meaning: string;
}

/** What each part tells, told by what is not known without it. */
const meanings: Readonly<Record<string, string>> = {
  'vmlinux.btf': 'no types: names of parameters and fields are refused, results have no type',
  kallsyms:
    'no symbols: p and r lines on functions are refused as unknown, whatever they name; addresses have no names',
  available_filter_functions: 'which functions f lines and their globs can attach to is not known',
  available_filter_functions_addrs:
    'patch sites are not known: where functions begin with ENDBR, arguments of p lines behind it are refused',
  'kprobes-blacklist': 'p lines on functions that may not be probed are accepted',
  tracepoints: 'tracepoints are told from the symbols',
  available_events: 'which static events exist is told from their formats',
  'event-formats': 'e lines on static events are refused as unknown',
  config: 'options of the configuration are told from types and symbols',
  README: "what the probe language understands is told from the kernel's own types",
};

const units: Readonly<Record<string, string>> = {
  kallsyms: 'symbols',
  available_filter_functions: 'functions',
  available_filter_functions_addrs: 'patch sites',
  'kprobes-blacklist': 'ranges',
  tracepoints: 'tracepoints',
  available_events: 'events',
};

/** A kernel before 6.5 has no patch sites to tell: that is no gap. */
const expected = Object.keys(meanings).filter(part => part !== 'available_filter_functions_addrs');

/**
 * Looks through a whole bundle; damage in any part is found. Throws what `openBundle` and its look-ups throw.
 */
export function summarizeBundle(path: string, options: BundleOptions = {}): BundleSummary {
  const parts = openBundleParts(path, options);
  const source = new BundleSource(parts, bundleName(path, options));
  using kernel = createKernel(source);
  const facts = JSON.parse(Buffer.from(parts.read('facts.json')!).toString('utf8')) as {
    readonly [key: string]: unknown;
  };
  const types = parts.read('vmlinux.btf');
  const stat = statSync(resolve(path));
  const names = parts.names().filter(name => isPart(name));
  const summaries = names.map(name => summarizePart(name, readWhole(parts.read(name), name)));
  readEverything(kernel);
  return {
    name: kernel.name,
    form: stat.isDirectory() ? 'folder' : 'file',
    fileSize: stat.isDirectory() ? undefined : stat.size,
    release: kernel.release,
    version: typeof facts.version === 'string' ? facts.version : '',
    arch: kernel.arch,
    possibleCpus: kernel.possibleCpus,
    dialect: featuresOf(kernel.dialect),
    judgedAs: kernel.dialect.name,
    dialectFrom: source.facts.features === undefined ? 'types' : 'README',
    configOptions: kernel.config.size,
    btfSha256: types === undefined ? undefined : sha256(types),
    modules: kernel.moduleNames(),
    parts: summaries,
    missing: missingParts(names, facts, kernel.config.size),
  };
}

/** What a bundle lacks, told from its list of parts and its facts: no other part is read. Throws as `openBundle` does. */
export function missingFromBundle(path: string, options: BundleOptions = {}): readonly MissingSummary[] {
  const parts = openBundleParts(path, options);
  const bytes = parts.read('facts.json');
  if (bytes === undefined)
    throw new KernelError('not-found', `${path} is no kernel bundle: it has no facts.json`);
  const { facts: known } = new BundleSource(parts, path);
  const facts = JSON.parse(Buffer.from(bytes).toString('utf8')) as { readonly [key: string]: unknown };
  return missingParts(parts.names(), facts, known.config.size);
}

/** Look-ups read a part when they first need it: each is made to, so that damage is met. */
function readEverything(kernel: Kernel): void {
  kernel.types?.findFunction('');
  for (const module of kernel.moduleNames()) kernel.acquireModuleTypes(module)?.[Symbol.dispose]();
  kernel.symbols.find('');
  kernel.symbols.resolve(0n);
  for (const name of kernel.functions.names()) kernel.functions.siteOffset(name);
  kernel.isBlacklisted(0n);
  for (const event of kernel.events.names()) {
    const [group = '', name = ''] = event.split('/');
    kernel.events.find(group, name);
  }
}

function isPart(name: string): boolean {
  return name in meanings || name === 'facts.json' || moduleOfPart(name) !== undefined;
}

function readWhole(bytes: Uint8Array | undefined, name: string): Uint8Array {
  if (bytes !== undefined) return bytes;
  throw new KernelError('unreadable', `${name} went away while the bundle was read`);
}

function summarizePart(name: string, bytes: Uint8Array): PartSummary {
  const unit = name === 'event-formats' ? 'formats' : units[name];
  const count =
    unit === undefined ? undefined : name === 'event-formats' ? countBlocks(bytes) : countLines(bytes);
  return { name, size: bytes.length, count, unit };
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return bytes.length > 0 && bytes.at(-1) !== 10 ? count + 1 : count;
}

function countBlocks(bytes: Uint8Array): number {
  return Array.from(Buffer.from(bytes).toString('latin1').matchAll(/^@@ /gm)).length;
}

function missingParts(
  names: readonly string[],
  facts: { readonly [key: string]: unknown },
  options: number,
): readonly MissingSummary[] {
  const there = new Set(names);
  if (options > 0) there.add('config');
  if (facts.features !== undefined) there.add('README');
  const told = Array.isArray(facts.missing) ? (facts.missing as readonly unknown[]).filter(isTold) : [];
  const absent = new Set([...expected, ...told.map(({ part }) => part)].filter(part => !there.has(part)));
  return Array.from(absent, part => ({
    part,
    reason: told.find(entry => entry.part === part)?.reason,
    meaning: meanings[part] ?? 'types of this module are not known',
  }));
}

function isTold(entry: unknown): entry is { readonly part: string; readonly reason: string } {
  if (typeof entry !== 'object' || entry === null) return false;
  const { part, reason } = entry as { readonly part?: unknown; readonly reason?: unknown };
  return typeof part === 'string' && typeof reason === 'string';
}
