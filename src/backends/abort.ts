import { BackendError } from './error.js';

/** Throws a `BackendError` `aborted` where the signal came before the session was there. */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new BackendError('aborted', 'the start was aborted', { cause: signal.reason });
}

/** Has `stop` called when the signal comes, at once if it came already. The result ends that. */
export function stopOnAbort(signal: AbortSignal | undefined, stop: () => void): () => void {
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  return () => signal?.removeEventListener('abort', stop);
}
