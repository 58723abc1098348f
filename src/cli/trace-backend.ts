import type { Backend } from '../backends/index.js';
import { findTracefs, HostError, mountTracefsHint, openLiveKernel, Tracefs } from '../host/index.js';
import type { OpenedKernel } from '../kernel/index.js';
import { CommandError } from './error.js';
import { simHint } from './hints.js';
import { openNamedKernel, openTracedKernel } from './kernel-option.js';
import { note } from './paint.js';

export type BackendName = 'auto' | 'tracefs' | 'lowered' | 'bpf' | 'sim';

/** Where definitions are attached, and the facts they are judged by. */
export interface ChosenBackend {
  readonly backend: Backend;
  readonly kernel: OpenedKernel;
}

/**
 * Finds a way to trace. `auto` is this machine's kernel or an error: records of a simulated one are given to nobody who
 * did not ask for them. `errors`: how it says on standard error which way the kernel refused. Throws a `CommandError`.
 */
export async function chooseBackend(
  name: BackendName,
  kernelName: string | undefined,
  errors: 'json' | 'text',
): Promise<ChosenBackend> {
  if (name === 'sim') {
    const { simBackend } = await import('../backends/sim/index.js');
    const kernel = openNamedKernel(kernelName ?? 'default');
    note(`these are records of a simulated kernel, laid out as ${kernel.name}`);
    return { backend: simBackend, kernel };
  }
  if (kernelName !== undefined && kernelName !== 'live') {
    throw new CommandError('usage', `this machine runs its own kernel, not ${JSON.stringify(kernelName)}`, [
      `to trace a simulated kernel of that layout: --backend sim --kernel ${kernelName}`,
    ]);
  }
  if (name === 'bpf') {
    const { bpfBackend } = await import('../backends/bpf/index.js');
    return { backend: bpfBackend(), kernel: openLiveKernel() };
  }
  if (name === 'auto') {
    const { autoBackend } = await import('./auto-backend.js');
    return { backend: autoBackend(errors), kernel: openLiveKernel() };
  }
  const tracefs = usableTracefs();
  const { tracefsBackend } = await import('../backends/tracefs/index.js');
  const lowered = name === 'lowered' ? ({ lowered: 'newest' } as const) : {};
  return { backend: tracefsBackend({ tracefs, ...lowered }), kernel: openTracedKernel() };
}

/** This machine's tracefs. Throws a `CommandError` that says what to do. */
export function usableTracefs(): Tracefs {
  const mount = findTracefs();
  if (mount === undefined) {
    throw new CommandError('backend', "tracefs is not mounted: this machine's kernel cannot be reached", [
      mountTracefsHint,
      simHint,
    ]);
  }
  try {
    return Tracefs.open(mount);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new CommandError('backend', error.message, [...error.hints, simHint], error);
  }
}
