import type { TraceTarget } from '../backends/index.js';
import type { WayId } from '../host/index.js';
import type { Kernel } from '../kernel/index.js';
import { bpfCandidate } from './bpf.js';
import { type Candidate, ruledOut } from './candidate.js';
import type { Capabilities } from './checks.js';
import { loweredCandidate } from './lowered.js';
import { nativeCandidate } from './native.js';
import { PlannedSession } from './session.js';

/** The ways in the order in which `auto` prefers them: what the kernel does itself first. */
const candidates = [
  ['native', nativeCandidate],
  ['lowered', loweredCandidate],
  ['bpf', bpfCandidate],
] as const satisfies readonly (readonly [
  WayId,
  (session: PlannedSession, target: TraceTarget) => Candidate,
])[];

/** All ways to trace one target. */
export interface TargetPlan {
  readonly target: TraceTarget;
  /** In the order of preference. */
  readonly candidates: readonly Candidate[];
}

/** Which way all targets of one session go, and why not a better one. */
export interface Choice {
  /** `undefined`: none is open. */
  readonly way: WayId | undefined;
  /** Of each way that comes before the chosen one, or of all: the target that it is not open to, and that candidate. */
  readonly rejected: readonly { readonly target: TraceTarget; readonly candidate: Candidate }[];
}

/** A whole plan: what `trace` would do with these targets on this kernel. Nothing is tried or touched. */
export interface TracePlan {
  readonly targets: readonly TargetPlan[];
  readonly choice: Choice;
}

/** What a plan is made for beside its targets. */
export interface PlanOptions {
  /** As `TraceOptions.filter`: a way that cannot do it is closed. Bytes, one per character. */
  readonly filter?: string;
}

/** A way that was open, and that the kernel refused when it was tried. */
export interface RefusedWay {
  readonly way: WayId;
  /** One of the targets. */
  readonly target: TraceTarget;
  readonly message: string;
}

/** What a choice is made for: ways that were refused are closed. */
export interface ChoiceOptions extends PlanOptions {
  readonly refused?: readonly RefusedWay[];
}

/** Plans every way for every target. */
export function planTrace(
  kernel: Kernel,
  targets: readonly TraceTarget[],
  capabilities: Capabilities,
  { filter }: PlanOptions = {},
): TracePlan {
  using session = new PlannedSession(kernel, capabilities, filter);
  const plans = targets.map(target => ({
    target,
    candidates: candidates.map(([, find]) => find(session, target)),
  }));
  return {
    targets: plans,
    choice: choose(targets, (way, at) => plans[at]!.candidates.find(one => one.way === way)!),
  };
}

/** The choice alone: looks at no more ways than it must. What `auto` does. */
export function chooseWay(
  kernel: Kernel,
  targets: readonly TraceTarget[],
  capabilities: Capabilities,
  { filter, refused = [] }: ChoiceOptions = {},
): Choice {
  using session = new PlannedSession(kernel, capabilities, filter);
  return choose(targets, (way, at) => {
    const refusal = refused.find(one => one.way === way && one.target === targets[at]);
    if (refusal !== undefined) return ruledOut(way, refusal.message);
    const [, find] = candidates.find(([id]) => id === way)!;
    return find(session, targets[at]!);
  });
}

/** Lines as they are and lowered ones go together through tracefs: a session is `lowered` when one of its lines is. */
function choose(
  targets: readonly TraceTarget[],
  candidateOf: (way: WayId, target: number) => Candidate,
): Choice {
  const rejected: { target: TraceTarget; candidate: Candidate }[] = [];
  const native = targets.map((_, at) => candidateOf('native', at));
  for (const [way] of candidates) {
    const against = targets
      .map((target, at) => {
        const asWritten = native[at]!;
        if (way === 'native' || (way === 'lowered' && asWritten.obstacles.length === 0))
          return { target, candidate: asWritten };
        return { target, candidate: candidateOf(way, at) };
      })
      .find(({ candidate }) => candidate.obstacles.length > 0);
    if (against === undefined) return { way, rejected };
    rejected.push(against);
  }
  return { way: undefined, rejected };
}
