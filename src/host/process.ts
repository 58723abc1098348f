import { readFileSync, readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';

/**
 * When a process started, in clock ticks since boot (field 22 of `/proc/PID/stat`), as text: with the pid it names a
 * process for good. `undefined` when there is no such process, or nothing of it but the exit status that its parent has
 * not asked for.
 */
export function processStartTime(pid: number | 'self'): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The command name in parentheses may hold blanks and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/**
 * Nanoseconds by which this process's monotonic clock (`process.hrtime`) is ahead of the kernel's own; other than 0 only
 * in a time namespace (time_namespaces(7)). 0 where the kernel has none.
 */
export function monotonicOffset(file = '/proc/self/timens_offsets'): bigint {
  let text = '';
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    // Without such namespaces there is no such file.
  }
  const offset = /^monotonic\s+(-?\d+)\s+(\d+)$/m.exec(text);
  return offset === null ? 0n : BigInt(offset[1]!) * 1_000_000_000n + BigInt(offset[2]!);
}

/** The user as messages name him: `anna (uid 1000)`. */
export function describeUser(): string {
  const uid = process.geteuid?.();
  try {
    return `${userInfo().username} (uid ${uid})`;
  } catch {
    return `uid ${uid}`;
  }
}

/** Inode of the first pid namespace: in it, pids are those that the kernel records. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** Looks up command names and processes in `/proc`; answers nothing inside a pid namespace, where pids mean something else. */
export class ProcessNames {
  readonly #meaningful: boolean;

  constructor() {
    let namespace = '';
    try {
      namespace = readlinkSync('/proc/self/ns/pid');
    } catch {
      // Without /proc there is nothing to ask.
    }
    this.#meaningful = namespace === FIRST_PID_NAMESPACE;
  }

  /** The name of a living process or thread. Bytes, one per character. */
  find(pid: number): string | undefined {
    if (!this.#meaningful) return undefined;
    try {
      return readFileSync(`/proc/${pid}/comm`, 'latin1').replace(/\n$/, '');
    } catch {
      return undefined;
    }
  }

  /** The process that a living thread is of. */
  processOf(tid: number): number | undefined {
    if (!this.#meaningful) return undefined;
    try {
      const [, process] = /^Tgid:\t(\d+)$/m.exec(readFileSync(`/proc/${tid}/status`, 'latin1')) ?? [];
      return process === undefined ? undefined : Number(process);
    } catch {
      return undefined;
    }
  }
}
