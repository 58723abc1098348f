import { buildDialect } from './dialect.js';
import { KernelError } from './error.js';
import type { KernelFacts } from './source.js';
import type { Architecture, DialectFeatures, FileFacts } from './types.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** What procfs has on every machine; the program that writes a line is a file. A bundle's own facts come first. */
const filesOfProc: Readonly<Record<string, string>> = {
  '/proc': 'directory',
  '/proc/self': 'directory',
  '/proc/self/exe': 'regular',
};

const architectures: Readonly<Record<string, Architecture>> = {
  x86_64: 'x86_64',
  arm64: 'arm64',
  aarch64: 'arm64',
  riscv64: 'riscv64',
};

/**
 * Reads the `facts.json` of a bundle (docs/bundles.md). Unknown keys are left alone; a feature that is not mentioned
 * counts as absent. Throws a `KernelError`: `bad-facts`, `unsupported-architecture`.
 */
export function parseFacts(bytes: Uint8Array): KernelFacts {
  const facts = object(parseJson(bytes), 'the file');
  return {
    release: text(facts.kernel, 'kernel'),
    arch: architectureOf(text(facts.arch, 'arch')),
    features: facts.features === undefined ? undefined : featuresIn(object(facts.features, 'features')),
    possibleCpus: count(facts.possibleCpus ?? 1, 'possibleCpus'),
    config: configOf(object(facts.config ?? {}, 'config')),
    fileFacts: fileFactsOf(facts),
  };
}

/** The architecture that `uname -m` names. Throws a `KernelError` with code `unsupported-architecture`. */
export function architectureOf(machine: string): Architecture {
  if (!Object.hasOwn(architectures, machine)) {
    throw new KernelError(
      'unsupported-architecture',
      `kernels of architecture ${JSON.stringify(machine.slice(0, 40))} are not supported (x86_64, arm64, riscv64 are)`,
    );
  }
  return architectures[machine]!;
}

function parseJson(bytes: Uint8Array): Json {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json;
  } catch (cause) {
    // The message quotes the text, line ends and all.
    const reason = (cause as Error).message.replace(/\s+/g, ' ');
    throw new KernelError('bad-facts', `facts.json: ${reason}`, { cause });
  }
}

function configOf(config: JsonObject): ReadonlyMap<string, string | number> {
  const entries = Object.entries(config).map(([name, value]): [string, string | number] => {
    if (typeof value !== 'string' && typeof value !== 'number')
      throw wrong(`config.${name}`, 'a text or a number');
    return [name, value];
  });
  return new Map(entries);
}

function fileFactsOf(facts: JsonObject): FileFacts | undefined {
  if (facts.files === undefined) return undefined;
  const files = Object.entries(object(facts.files, 'files')).map(([path, kind]): [string, string] => [
    path,
    text(kind, `files[${JSON.stringify(path)}]`),
  ]);
  const same = facts.sameFile ?? [];
  if (!Array.isArray(same)) throw wrong('sameFile', 'a list');
  return {
    cwd: text(facts.cwd ?? '/', 'cwd'),
    files: new Map([...Object.entries(filesOfProc), ...files]),
    sameFile: same.map((path, index) => text(path, `sameFile[${index}]`)),
  };
}

function featuresIn(features: JsonObject): DialectFeatures {
  return buildDialect(feature => flag(features, feature));
}

function flag(features: JsonObject, feature: keyof DialectFeatures): boolean {
  const value = Object.hasOwn(features, feature) ? features[feature] : false;
  if (typeof value !== 'boolean') throw wrong(`features.${feature}`, 'true or false');
  return value;
}

function object(value: Json | undefined, where: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, 'an object');
  return value as JsonObject;
}

function text(value: Json | undefined, where: string): string {
  if (typeof value !== 'string') throw wrong(where, 'a text');
  return value;
}

function count(value: Json, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 1 << 20) {
    throw wrong(where, 'a number of processors');
  }
  return value;
}

function wrong(where: string, expected: string): KernelError {
  return new KernelError('bad-facts', `facts.json: ${where} is not ${expected}`);
}
