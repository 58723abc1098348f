import { isHostError, processStartTime, type Tracefs } from '../../host/index.js';
import { deleteEvent, type KernelEvent } from './attachment.js';
import {
  instanceName,
  isSameRun,
  ownerOfGroup,
  ownerOfHelper,
  ownerOfInstance,
  type RunIdentity,
} from './names.js';

/** What a run that is no longer alive left in the kernel. */
export interface Leftover {
  readonly run: RunIdentity;
  /** Name of its instance; `undefined` when that is gone. */
  readonly instance: string | undefined;
  /** Names of its instances that keep tracepoints busy. */
  readonly helpers: readonly string[];
  /** Its events, in the order of their definition. */
  readonly events: readonly KernelEvent[];
}

/** What became of a leftover. */
export interface CleanResult {
  readonly leftover: Leftover;
  /** True when all of it is gone. */
  readonly removed: boolean;
  /** Why it is not: somebody uses it, or the system refused. */
  readonly reason: string | undefined;
}

/**
 * Instances and groups of runs whose process does not exist any more (spec 14 R14-28). A process in another pid
 * namespace is not seen from here; `cleanLeftovers` finds it alive by its open files.
 * Throws a `HostError` when tracefs cannot be read.
 */
export function findLeftovers(tracefs: Tracefs): Leftover[] {
  const found: {
    run: RunIdentity;
    instance: string | undefined;
    helpers: string[];
    events: KernelEvent[];
  }[] = [];
  const of = (run: RunIdentity) => {
    let one = found.find(other => isSameRun(other.run, run));
    if (one === undefined) {
      one = { run, instance: undefined, helpers: [], events: [] };
      found.push(one);
    }
    return one;
  };
  for (const name of tracefs.listInstances()) {
    const run = ownerOfInstance(name);
    if (run !== undefined && !isAlive(run)) of(run).instance = name;
    const busy = ownerOfHelper(name);
    if (busy !== undefined && !isAlive(busy)) of(busy).helpers.push(name);
  }
  for (const { group, name } of tracefs.listProbes()) {
    const run = ownerOfGroup(group);
    if (run === undefined || isAlive(run)) continue;
    const { events } = of(run);
    if (!events.some(event => event.group === group && event.name === name)) events.push({ group, name });
  }
  return found;
}

/** Removes leftovers, all there are by default. Never touches anything of others. */
export function cleanLeftovers(tracefs: Tracefs, leftovers = findLeftovers(tracefs)): CleanResult[] {
  return leftovers.map(leftover => {
    try {
      removeLeftover(tracefs, leftover);
      return { leftover, removed: true, reason: undefined };
    } catch (error) {
      const reason = isHostError(error, 'busy')
        ? `${leftover.instance ?? instanceName(leftover.run)} is in use: ${error.message}`
        : error instanceof Error
          ? error.message
          : String(error);
      return { leftover, removed: false, reason };
    }
  });
}

/** The instance goes first: that fails while a run in another pid namespace has it open, and its events are left alone. */
function removeLeftover(tracefs: Tracefs, { instance, helpers, events }: Leftover): void {
  for (const name of instance === undefined ? helpers : [instance, ...helpers]) {
    try {
      tracefs.instance(name).remove();
    } catch (error) {
      if (!isHostError(error, 'not-found')) throw error;
    }
  }
  for (const event of [...events].reverse()) deleteEvent(tracefs, event);
}

function isAlive(run: RunIdentity): boolean {
  return processStartTime(run.pid) === run.startTime;
}
