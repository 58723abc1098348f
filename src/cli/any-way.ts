import { bpfBackend, bpfView } from '../backends/bpf/index.js';
import type { Backend, BackendError, TraceOptions, TraceSession, TraceTarget } from '../backends/index.js';
import { tracefsBackend } from '../backends/tracefs/index.js';
import { type Check, examineHost, type WayId } from '../host/index.js';
import { type Kernel, withFreeNames } from '../kernel/index.js';
import { compileForLowering, fromByteString, looseLimits, ProbeEvents } from '../language/index.js';
import {
  bpfNeeds,
  type Choice,
  chooseWay,
  obstaclesOf,
  type RefusedWay,
  tracefsNeeds,
} from '../plan/index.js';
import { CommandError } from './error.js';
import { openFirstWay, type Ways } from './first-way.js';
import { simHint } from './hints.js';
import { note, printable } from './paint.js';
import { rejectedTexts, wayNames } from './plan-words.js';
import { say } from './standard-streams.js';
import { wayRefusedJson } from './trace-refusal.js';

/**
 * Opens a session by the first way that is open to all targets, and by the next where the kernel refuses it; said on stderr with
 * the reasons against better ones. Rejects with a `CommandError` with what is missing where no way is open.
 */
export async function openAnyWay(
  kernel: Kernel,
  targets: readonly TraceTarget[],
  options: TraceOptions,
  errors: 'json' | 'text',
): Promise<TraceSession> {
  const ways = told(errors);
  const { checks } = examineHost({ kernel });
  const { filter } = options;
  const choose = (refused: readonly RefusedWay[]): Choice =>
    chooseWay(kernel, targets, checks, { refused, ...(filter !== undefined && { filter }) });
  const choice = choose([]);
  const { way } = choice;
  if (way !== undefined) {
    return await openFirstWay(
      { choose, backend: backendOf, ...ways },
      { ...choice, way },
      kernel,
      targets,
      options,
    );
  }
  const teller =
    whoTellsRefusal(kernel, targets, checks) ?? whoTellsOfFilter(kernel, targets, checks, filter);
  if (teller === undefined) throw noWay(choice);
  return await backendOf(teller).open(kernel, targets, options);
}

function backendOf(way: WayId): Backend {
  switch (way) {
    case 'native':
      return tracefsBackend();
    case 'lowered':
      return tracefsBackend({ lowered: 'newest' });
    case 'bpf':
      return bpfBackend();
    default:
      return way satisfies never;
  }
}

/**
 * What no kernel would take is refused by a backend that could be used, with all that is to be said of it. Others are
 * out of ways.
 */
function whoTellsRefusal(
  kernel: Kernel,
  targets: readonly TraceTarget[],
  checks: readonly Check[],
): WayId | undefined {
  if (obstaclesOf(checks, tracefsNeeds).length === 0)
    return targets.some(target => isRefused(kernel, target)) ? 'lowered' : undefined;
  if (obstaclesOf(checks, bpfNeeds).length > 0) return undefined;
  return targets.some(target => isRefusedAsProgram(kernel, target)) ? 'bpf' : undefined;
}

function isRefused(kernel: Kernel, target: TraceTarget): boolean {
  if ('event' in target) return kernel.events.find(target.event.group, target.event.name) === undefined;
  const judgement = compileForLowering(withFreeNames(kernel), target.definition);
  if (judgement.accepted) judgement.event?.[Symbol.dispose]();
  return !judgement.accepted;
}

function isRefusedAsProgram(kernel: Kernel, target: TraceTarget): boolean {
  if ('event' in target) return false;
  using events = new ProbeEvents(bpfView(kernel), looseLimits);
  return !events.define(target.definition).accepted;
}

/** Where the filter alone stands in every way, the first that is open without it says why. */
function whoTellsOfFilter(
  kernel: Kernel,
  targets: readonly TraceTarget[],
  checks: readonly Check[],
  filter: string | undefined,
): WayId | undefined {
  return filter === undefined ? undefined : chooseWay(kernel, targets, checks).way;
}

/** Says each thing once. */
function told(errors: 'json' | 'text'): Pick<Ways, 'chosen' | 'refused'> {
  const known = new Set<WayId>();
  return {
    chosen(way, { rejected }) {
      note(`tracing by ${wayNames[way]}`);
      const news = rejected.filter(({ candidate }) => !known.has(candidate.way));
      for (const reason of rejectedTexts({ way, rejected: news })) note(`not by ${printable(reason)}`);
      for (const { candidate } of news) known.add(candidate.way);
    },
    refused(way, error, next) {
      known.add(way);
      if (errors === 'json') say(wayRefusedJson(way, error, next));
      else note(wayRefusedText(way, error));
    },
  };
}

function wayRefusedText(way: WayId, { definition, message, kernel }: BackendError): string {
  const what = definition === undefined ? '' : ` ${definition}`;
  const errno = kernel === undefined || message.includes(kernel.errno) ? '' : ` (${kernel.errno})`;
  return printable(fromByteString(`the kernel refused${what} (${wayNames[way]}): ${message}${errno}`));
}

function noWay(choice: Choice): CommandError {
  const reasons = rejectedTexts(choice).map(reason => `\n  not by ${printable(reason)}`);
  const advice = choice.rejected.flatMap(({ candidate }) => candidate.obstacles.flatMap(one => one.advice));
  return new CommandError('backend', `there is no way to trace this here${reasons.join('')}`, [
    ...new Set(advice.map(text => printable(fromByteString(text)))),
    'all that this machine has and lacks: btfprobe doctor',
    simHint,
  ]);
}
