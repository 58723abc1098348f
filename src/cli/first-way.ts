import {
  type Backend,
  BackendError,
  type TraceOptions,
  type TraceSession,
  type TraceTarget,
} from '../backends/index.js';
import type { WayId } from '../host/index.js';
import type { Kernel } from '../kernel/index.js';
import type { Choice, RefusedWay } from '../plan/index.js';

/** The ways to open a session, and who is told which is gone. */
export interface Ways {
  /** Which way is the first that is open, but for those that were refused. */
  choose(refused: readonly RefusedWay[]): Choice;
  backend(way: WayId): Backend;
  /** The session is about to be opened so. */
  chosen(way: WayId, choice: Choice): void;
  /** The kernel did not let it: the next way is gone, where one is open. */
  refused(way: WayId, error: BackendError, next: WayId | undefined): void;
}

/**
 * Opens a session by the first way that is open, and by the next where the kernel refuses what the plan knew nothing against.
 * `first` has a way. Rejects as the first way did when no other is open.
 */
export async function openFirstWay(
  ways: Ways,
  first: Choice & { readonly way: WayId },
  kernel: Kernel,
  targets: readonly TraceTarget[],
  options: TraceOptions,
): Promise<TraceSession> {
  const refused: RefusedWay[] = [];
  let firstError: BackendError | undefined;
  let choice: Choice = first;
  for (let { way } = first; ; ) {
    ways.chosen(way, choice);
    try {
      return await ways.backend(way).open(kernel, targets, options);
    } catch (error) {
      if (!(error instanceof BackendError) || error.code === 'aborted') throw error;
      const next = mayGoOn(error) ? nextChoice(ways, refused, way, error, targets) : undefined;
      // What decides alone is told in full by whoever catches it.
      if (next?.way === undefined && firstError === undefined) throw error;
      ways.refused(way, error, next?.way);
      firstError ??= error;
      if (next?.way === undefined) throw firstError;
      choice = next;
      way = next.way;
    }
  }
}

function nextChoice(
  ways: Ways,
  refused: RefusedWay[],
  way: WayId,
  error: BackendError,
  targets: readonly TraceTarget[],
): Choice {
  const blamed = targets.find(target => labelOf(target) === error.definition) ?? targets[0]!;
  refused.push({ way, target: blamed, message: error.message });
  return ways.choose(refused);
}

/** Whether it is this way that was refused, not what is asked for, and nothing of it is left. */
function mayGoOn({ code, kernel, isLeft }: BackendError): boolean {
  if (isLeft) return false;
  switch (code) {
    case 'attach':
    case 'system':
    case 'unsupported':
      return true;
    case 'definition':
      return kernel !== undefined;
    case 'event':
    case 'aborted':
      return false;
    default:
      return code satisfies never;
  }
}

function labelOf(target: TraceTarget): string {
  return 'event' in target ? `${target.event.group}:${target.event.name}` : target.definition;
}
