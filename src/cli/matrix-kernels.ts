import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  bundleIdentity,
  locateBundle,
  missingFromBundle,
  openKernel,
  openLiveKernel,
  VerdictCache,
} from '../host/index.js';
import { type Kernel, KernelError } from '../kernel/index.js';
import { codeIdentity } from './code-identity.js';
import { CommandError, systemReason } from './error.js';
import { inDialect, type KernelChoice, parseKernelChoice } from './kernel-option.js';
import { judgeAll, type Verdict } from './matrix-verdict.js';

/** A kernel of a matrix: a column. */
export interface MatrixKernel {
  /** As the user named it, or the name of the bundle in the folder he named. */
  readonly name: string;
  /** What to open, and the dialect to judge by. */
  readonly choice: KernelChoice;
}

/** What a kernel says of all definitions. */
export interface KernelVerdicts {
  readonly name: string;
  readonly release: string;
  /** What it cannot be asked for, with the consequence. */
  readonly gaps: readonly string[];
  /** In the order of the definitions. */
  readonly verdicts: readonly Verdict[];
}

/** Gaps in a bundle that change verdicts without a word; the others are told by the verdicts themselves. */
const tellingParts: ReadonlySet<string> = new Set(['vmlinux.btf', 'kallsyms', 'event-formats']);
/** Decompressed files of more kernels than these would only push each other out of their cache. */
const fewKernels = 8;

/** The kernels that are named, and every bundle in each folder, by name with numbers in their order. Throws a `CommandError`. */
export function matrixKernels(
  named: readonly string[],
  folders: readonly string[],
  dialect: string | undefined,
): readonly MatrixKernel[] {
  const found = folders.flatMap(folder => {
    const bundles = bundlesIn(folder, dialect);
    if (bundles.length > 0) return bundles;
    throw new CommandError('usage', `there is no bundle in ${folder}`, [
      'bundles are made by: btfprobe bundle create',
    ]);
  });
  return [...named.map(name => ({ name, choice: parseKernelChoice(name, dialect) })), ...found];
}

function bundlesIn(folder: string, dialect: string | undefined): readonly MatrixKernel[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new CommandError('input', `cannot list ${folder}: ${systemReason(error)}`, [], error);
  }
  const isBundle = (name: string) =>
    name.endsWith('.btfbundle') || existsSync(join(folder, name, 'facts.json'));
  return names
    .filter(isBundle)
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .map(name => ({ name: name.replace(/\.btfbundle$/, ''), choice: { path: join(folder, name), dialect } }));
}

/** Asks kernels one after another; no two are in memory at once. Verdicts on bundles are kept between runs. */
export class MatrixJudge {
  readonly #definitions: readonly string[];
  readonly #alone: boolean;
  readonly #options: { readonly cache?: false };
  readonly #cache = new VerdictCache();
  readonly #code = codeIdentity();

  constructor(
    definitions: readonly string[],
    options: { readonly alone: boolean; readonly kernels: number },
  ) {
    this.#definitions = definitions;
    this.#alone = options.alone;
    this.#options = options.kernels > fewKernels ? { cache: false } : {};
  }

  /** Throws a `KernelError` that names the kernel. */
  ask({ name, choice }: MatrixKernel): KernelVerdicts {
    try {
      return { ...(choice.path === 'live' ? this.#askLive(choice) : this.#askBundle(choice)), name };
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      throw new KernelError(error.code, `${name}: ${error.message}`, { cause: error });
    }
  }

  #askLive({ dialect }: KernelChoice): Omit<KernelVerdicts, 'name'> {
    using kernel = openLiveKernel();
    const gaps = kernel.missing.map(({ part, reason }) => `${part} is not known: ${reason}`);
    return this.#judge(inDialect(kernel, dialect), gaps);
  }

  #askBundle({ path, dialect }: KernelChoice): Omit<KernelVerdicts, 'name'> {
    const key = JSON.stringify([
      bundleIdentity(locateBundle(path)),
      this.#code,
      this.#alone,
      this.#definitions,
      dialect ?? null,
    ]);
    const kept = this.#cache.find(key);
    // The key holds who wrote it: what is there has this shape.
    if (kept !== undefined) return kept as Omit<KernelVerdicts, 'name'>;
    const missing = missingFromBundle(locateBundle(path), this.#options);
    const gaps = missing.filter(({ part }) => tellingParts.has(part));
    using kernel = openKernel(path, this.#options);
    const told = this.#judge(
      inDialect(kernel, dialect),
      gaps.map(({ part, meaning }) => `${part} is not known: ${meaning}`),
    );
    this.#cache.keep(key, told);
    return told;
  }

  #judge(kernel: Kernel, gaps: readonly string[]): Omit<KernelVerdicts, 'name'> {
    return { release: kernel.release, gaps, verdicts: judgeAll(kernel, this.#definitions, this.#alone) };
  }
}
