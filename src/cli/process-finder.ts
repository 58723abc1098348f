import type { TraceSession } from '../backends/index.js';
import { ProcessNames } from '../host/index.js';

/** The processes of threads: what the kernel noted while it traced, else what is so now. */
export function processFinder(session: TraceSession): (tid: number) => number | undefined {
  const names = new ProcessNames();
  return tid => session.processOf?.(tid) ?? names.processOf(tid);
}
