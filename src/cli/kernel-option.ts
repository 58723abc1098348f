import { type MissingPart, openKernel, openLiveKernel } from '../host/index.js';
import { dialects, findDialect, type Kernel, type OpenedKernel, withDialect } from '../kernel/index.js';
import { CommandError } from './error.js';
import { note } from './paint.js';

/** What `--kernel` and `--dialect` name. */
export interface KernelChoice {
  /** For `openKernel`, or `live`. */
  readonly path: string;
  /** A known dialect to judge by instead of the kernel's own. */
  readonly dialect: string | undefined;
}

/** A kernel to ask, and what is opened for it. */
export interface AskedKernel extends Disposable {
  readonly kernel: Kernel;
}

/**
 * `KERNEL` or `KERNEL@DIALECT`; `dialect` is for kernels that name none themselves. Throws a `CommandError` when no such
 * dialect is known.
 */
export function parseKernelChoice(text: string, dialect: string | undefined): KernelChoice {
  if (dialect !== undefined) refuseUnknownDialect(dialect);
  const at = text.lastIndexOf('@');
  const own = at > 0 ? findDialect(text.slice(at + 1)) : undefined;
  return own === undefined ? { path: text, dialect } : { path: text.slice(0, at), dialect: own.name };
}

/** The kernel itself, or its facts judged by the dialect that was chosen. */
export function inDialect(kernel: Kernel, dialect: string | undefined): Kernel {
  const known = dialect === undefined ? undefined : findDialect(dialect);
  return known === undefined ? kernel : withDialect(kernel, known.dialect);
}

/** Opens the kernel that definitions are judged by. */
export function openAskedKernel(name: string, dialect: string | undefined): AskedKernel {
  const choice = parseKernelChoice(name, dialect);
  const opened = openNamedKernel(choice.path);
  return { kernel: inDialect(opened, choice.dialect), [Symbol.dispose]: () => opened[Symbol.dispose]() };
}

/** Opens the kernel that `--kernel` names. What cannot be known of the live one is said on stderr. */
export function openNamedKernel(name: string): OpenedKernel {
  if (name !== 'live') return openKernel(name);
  const kernel = openLiveKernel();
  tellMissing(kernel.missing);
  return kernel;
}

/** Opens this machine's kernel to trace it. Its configuration matters to verdicts only, and here the kernel gives its own. */
export function openTracedKernel(): OpenedKernel {
  const kernel = openLiveKernel();
  tellMissing(kernel.missing.filter(({ part }) => part !== 'config'));
  return kernel;
}

function tellMissing(missing: readonly MissingPart[]): void {
  for (const { part, reason } of missing) note(`this kernel's ${part} is not known: ${reason}`);
}

function refuseUnknownDialect(name: string): void {
  if (findDialect(name) !== undefined) return;
  const known = dialects.map(({ name, summary }) => `${name.padEnd(6)} ${summary}`);
  throw new CommandError('usage', `there is no dialect ${name}`, known);
}
