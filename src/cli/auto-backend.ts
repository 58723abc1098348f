import {
  type Backend,
  BackendError,
  type TraceOptions,
  type TraceSession,
  type TraceTarget,
} from '../backends/index.js';
import { tracefsBackend } from '../backends/tracefs/index.js';
import { examineTracefs } from '../host/index.js';
import { dialectFeatures, type Kernel, newestDialect } from '../kernel/index.js';
import { note } from './paint.js';
import { wayNames } from './plan-words.js';

/**
 * Opens sessions by the first way that is open to all targets, and by the next where the kernel refuses it; said on stderr with
 * the reasons against better ones. `open` rejects with a `CommandError` with what is missing where no way is open.
 */
export function autoBackend(errors: 'json' | 'text'): Backend {
  return {
    name: 'auto',
    async open(kernel, targets, options = {}) {
      const session = await openAsWritten(kernel, targets, options);
      if (session !== undefined) return session;
      const { openAnyWay } = await import('./any-way.js');
      return await openAnyWay(kernel, targets, options, errors);
    },
  };
}

/**
 * Opens it by the kernel's own probe events where little that is quickly known is against it, without knowing all of this machine
 * first. Where that fails nothing is said: the plan of all ways, and the kernel again, tell why.
 */
async function openAsWritten(
  kernel: Kernel,
  targets: readonly TraceTarget[],
  options: TraceOptions,
): Promise<TraceSession | undefined> {
  // Older kernels may mean something else by a line.
  if (!dialectFeatures.every(feature => kernel.dialect[feature] === newestDialect[feature])) return undefined;
  if (examineTracefs().some(({ state }) => state === 'missing' || state === 'denied')) return undefined;
  const sayWay = (): void => note(`tracing by ${wayNames.native}`);
  try {
    const session = await tracefsBackend({ explains: false }).open(kernel, targets, options);
    sayWay();
    return session;
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    if (error.code !== 'aborted' && !error.isLeft) return undefined;
    sayWay();
    throw error;
  }
}
