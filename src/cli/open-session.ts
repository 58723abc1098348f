import { BackendError, type TraceSession } from '../backends/index.js';
import { toByteString } from '../language/index.js';
import { ExitCode } from './exit-code.js';
import { Interrupts } from './interrupts.js';
import { paintFor } from './paint.js';
import { say, streamOf } from './standard-streams.js';
import { type BackendName, chooseBackend } from './trace-backend.js';
import { traceErrorJson, traceErrorText } from './trace-refusal.js';
import { traceTargets } from './trace-target.js';

/** What `trace` and `record` attach, and where. */
export interface SessionOptions {
  readonly backend: BackendName;
  /** Kilobytes per CPU. */
  readonly bufferSize?: number;
  readonly filter?: string;
  readonly kernel?: string;
}

/**
 * Attaches what is asked for (`processes`: the process of each thread is asked for), lets `use` have it, and takes
 * everything down. When nothing can be attached it says why and answers which exit code that is. Throws a `CommandError`.
 */
export async function withSession(
  given: readonly string[],
  options: SessionOptions & { readonly processes: boolean },
  errors: 'json' | 'text',
  use: (session: TraceSession, interrupts: Interrupts) => Promise<ExitCode>,
): Promise<ExitCode> {
  const targets = traceTargets(given);
  const chosen = await chooseBackend(options.backend, options.kernel, errors);
  using kernel = chosen.kernel;
  // What is attached goes on exit as well, without waiting for a reader that does not read.
  using interrupts = new Interrupts(() => process.exit(ExitCode.interrupted));
  let session: TraceSession;
  try {
    session = await chosen.backend.open(kernel, targets, {
      signal: interrupts.signal,
      processes: options.processes,
      ...(options.bufferSize !== undefined && { bufferSizeKb: options.bufferSize }),
      ...(options.filter !== undefined && { filter: toByteString(options.filter) }),
    });
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return refused(error, errors);
  }
  await using attached = session;
  return await use(attached, interrupts);
}

function refused(error: BackendError, errors: 'json' | 'text'): ExitCode {
  say(errors === 'json' ? traceErrorJson(error) : traceErrorText(error, paintFor(streamOf(2))));
  switch (error.code) {
    case 'definition':
    case 'event':
    case 'attach':
      return ExitCode.refused;
    case 'aborted':
      return ExitCode.interrupted;
    case 'unsupported':
    case 'system':
      return ExitCode.misuse;
    default:
      return error.code satisfies never;
  }
}
