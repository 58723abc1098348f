import { bpfBackend, bpfView } from '../backends/bpf/index.js';
import type { Backend, TraceTarget } from '../backends/index.js';
import { tracefsBackend } from '../backends/tracefs/index.js';
import { type Check, examineHost, type WayId } from '../host/index.js';
import { type Kernel, withFreeNames } from '../kernel/index.js';
import { compileForLowering, fromByteString, looseLimits, ProbeEvents } from '../language/index.js';
import { bpfNeeds, type Choice, chooseWay, obstaclesOf, tracefsNeeds } from '../plan/index.js';
import { CommandError } from './error.js';
import { simHint } from './hints.js';
import { note, printable } from './paint.js';
import { rejectedTexts, wayNames } from './plan-words.js';

/**
 * The backend that a plan of all ways prefers for these targets, said on stderr with the reasons against better ones.
 * Throws a `CommandError` with what is missing where no way is open.
 */
export function autoBackend(kernel: Kernel, targets: readonly TraceTarget[]): Backend {
  const { checks } = examineHost({ kernel });
  const choice = chooseWay(kernel, targets, checks);
  const way = choice.way ?? whoTellsRefusal(kernel, targets, checks);
  if (way === undefined) throw noWay(choice);
  if (choice.way !== undefined) tell(choice.way, choice);
  return backendOf(way);
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

function tell(way: WayId, choice: Choice): void {
  note(`tracing by ${wayNames[way]}`);
  for (const reason of rejectedTexts(choice)) note(`not by ${printable(reason)}`);
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
