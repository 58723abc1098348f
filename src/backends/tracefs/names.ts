import { processStartTime } from '../../host/index.js';

/** Which run an instance or group belongs to: a process, told apart from later ones of its pid, and a number in it. */
export interface RunIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as `/proc/PID/stat` has it. */
  readonly startTime: string;
  readonly sequence: number;
}

/** Name of the instance that a run owns (spec 14 R14-26). */
export function instanceName(run: RunIdentity): string {
  return `btfprobe-${run.pid}-${run.startTime}-${run.sequence}`;
}

/** Names of the two instances in which a run keeps tracepoints busy. */
export function helperNames(run: RunIdentity): readonly [string, string] {
  return [`${instanceName(run)}-busy0`, `${instanceName(run)}-busy1`];
}

/** Name of a group of events that a run owns. A run has one for each group that the user names, numbered from 0. */
export function groupName(run: RunIdentity, index: number): string {
  const first = `btfp_${run.pid}_${run.startTime}_${run.sequence}`;
  return index === 0 ? first : `${first}_${index}`;
}

/** The run that owns an instance of this name; `undefined` for anybody else's. */
export function ownerOfInstance(name: string): RunIdentity | undefined {
  return identity(/^btfprobe-(\d{1,10})-(\d{1,20})-(\d{1,9})$/.exec(name));
}

/** The run that keeps tracepoints busy in an instance of this name; `undefined` for anybody else's. */
export function ownerOfHelper(name: string): RunIdentity | undefined {
  return identity(/^btfprobe-(\d{1,10})-(\d{1,20})-(\d{1,9})-busy[01]$/.exec(name));
}

/** The run that owns a group of this name; `undefined` for anybody else's. */
export function ownerOfGroup(name: string): RunIdentity | undefined {
  return identity(/^btfp_(\d{1,10})_(\d{1,20})_(\d{1,9})(?:_\d{1,9})?$/.exec(name));
}

/** True when both are the same run. */
export function isSameRun(left: RunIdentity, right: RunIdentity): boolean {
  return left.pid === right.pid && left.startTime === right.startTime && left.sequence === right.sequence;
}

let used = 0;

/** An identity for a new run of this process. */
export function newRun(): RunIdentity {
  return { pid: process.pid, startTime: processStartTime('self') ?? '0', sequence: used++ };
}

function identity(match: RegExpExecArray | null): RunIdentity | undefined {
  if (match === null) return undefined;
  return { pid: Number(match[1]), startTime: match[2]!, sequence: Number(match[3]) };
}
