import { examineHost, kernelChecks, openLiveKernel } from '../host/index.js';
import { toByteString } from '../language/index.js';
import { planTrace } from '../plan/index.js';
import { ExitCode } from './exit-code.js';
import { openNamedKernel } from './kernel-option.js';
import { Output } from './output.js';
import { paintFor } from './paint.js';
import { planJson } from './plan-json.js';
import { planText } from './plan-text.js';
import { streamOf } from './standard-streams.js';
import { traceTargets } from './trace-target.js';

export interface PlanOptions {
  readonly kernel: string;
  readonly json?: boolean;
  readonly filter?: string;
}

/** `btfprobe plan`: what `trace` would do, without doing it. Of another kernel than this machine's, as root there. */
export async function plan(given: readonly string[], options: PlanOptions): Promise<ExitCode> {
  const targets = traceTargets(given);
  // What of the live kernel cannot be known stands among the checks.
  using kernel = options.kernel === 'live' ? openLiveKernel() : openNamedKernel(options.kernel);
  const capabilities = options.kernel === 'live' ? examineHost({ kernel }).checks : kernelChecks(kernel);
  const planned = planTrace(kernel, targets, capabilities, {
    ...(options.filter !== undefined && { filter: toByteString(options.filter) }),
  });
  const output = new Output(streamOf(1));
  await output.write(
    options.json ? planJson(planned, kernel) : planText(planned, kernel, paintFor(streamOf(1))),
  );
  await output.finish();
  return planned.choice.way === undefined ? ExitCode.refused : ExitCode.ok;
}
