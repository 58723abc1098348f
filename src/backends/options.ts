import { BackendError } from './error.js';
import type { TraceOptions, TraceTarget } from './session.js';

/** Of a processor's buffer: as much as the kernel's own have by default. */
export const defaultBufferKb = 1408;
export const defaultPollMs = 50;
/** Timers that wait longer wait not at all. */
const longestPollMs = 0x7fffffff;

/** Throws a `BackendError` `unsupported` for what no session can be made of. */
export function checkRequest(
  targets: readonly TraceTarget[],
  { bufferSizeKb, pollIntervalMs }: TraceOptions,
): void {
  if (targets.length === 0) throw new BackendError('unsupported', 'there is nothing to trace');
  if (bufferSizeKb !== undefined && !(Number.isSafeInteger(bufferSizeKb) && bufferSizeKb > 0)) {
    throw new BackendError(
      'unsupported',
      `a buffer of ${bufferSizeKb} KB: a whole number above 0 is expected`,
    );
  }
  if (pollIntervalMs !== undefined && !(pollIntervalMs >= 0 && pollIntervalMs <= longestPollMs)) {
    throw new BackendError('unsupported', `a poll interval of ${pollIntervalMs} ms is not possible`);
  }
}
