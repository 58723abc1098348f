import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  write,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { HostError, type HostErrorCode } from './error.js';
import { describeUser } from './process.js';

/** One CPU's `trace_pipe_raw`, opened without blocking. */
export interface RawPipe {
  /**
   * Reads at most one sub-buffer into `into`, which must have room for one (spec 11 R11-27). Returns its bytes, 0 when
   * nothing is there now, the CPU being offline included. Throws a `HostError`.
   */
  read(into: Uint8Array): number;
  close(): void;
}

/**
 * The few things done with a tracefs. Paths are relative to the mount point; text is bytes, one per character.
 * All but one of it is synchronous, so that the same code can take everything down while the process exits.
 * Every member throws a `HostError` when the system refuses.
 */
export interface TracefsFiles {
  /** The mount point. */
  readonly mount: string;
  /** The whole file. */
  read(path: string): string;
  /** Exactly one write(2), without truncating: the errno belongs to this text (spec 14 R14-8, R14-9). */
  write(path: string, text: string): void;
  /** The same in another thread: the kernel may take long over it, and there is other work meanwhile. */
  writeMeanwhile(path: string, text: string): Promise<void>;
  /** Names in a directory. */
  list(path: string): readonly string[];
  makeDirectory(path: string): void;
  removeDirectory(path: string): void;
  openRaw(path: string): RawPipe;
}

/** The tracefs mounted at `mount`: the only code that touches its files. */
export function systemTracefs(mount: string): TracefsFiles {
  const guarded = <T>(verb: string, path: string, work: (file: string) => T): T => {
    const file = join(mount, path);
    try {
      return work(file);
    } catch (error) {
      throw hostError(verb, file, error);
    }
  };
  return {
    mount,
    read: path => guarded('read', path, file => readFileSync(file, 'latin1')),
    write: (path, text) => guarded('write', path, file => writeOnce(file, text)),
    writeMeanwhile: async (path, text) => {
      const file = join(mount, path);
      try {
        await writeOnceMeanwhile(file, text);
      } catch (error) {
        throw hostError('write', file, error);
      }
    },
    list: path => guarded('list', path, file => readdirSync(file)),
    makeDirectory: path => guarded('make the directory', path, file => mkdirSync(file)),
    removeDirectory: path => guarded('remove the directory', path, file => rmdirSync(file)),
    openRaw: path => {
      const descriptor = guarded('open', path, file =>
        openSync(file, constants.O_RDONLY | constants.O_NONBLOCK),
      );
      return {
        read: into => guarded('read', path, () => readNow(descriptor, into)),
        close: () => closeSync(descriptor),
      };
    },
  };
}

function writeOnce(file: string, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_APPEND);
  try {
    writeSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

async function writeOnceMeanwhile(file: string, text: string): Promise<void> {
  const bytes = Buffer.from(text, 'latin1');
  const descriptor = openSync(file, constants.O_WRONLY | constants.O_APPEND);
  try {
    await new Promise<void>((resolve, reject) => {
      write(descriptor, bytes, error => (error === null ? resolve() : reject(error)));
    });
  } finally {
    closeSync(descriptor);
  }
}

function readNow(descriptor: number, into: Uint8Array): number {
  try {
    return readSync(descriptor, into);
  } catch (error) {
    if (NOTHING_NOW.has(errnoName(error) ?? '')) return 0;
    throw error;
  }
}

/**
 * What a read without waiting answers when there is nothing. Interrupted: the next look finds it. No device: the CPU was
 * never online since the instance was made and has no buffer yet; once it comes up, reads find one.
 */
const NOTHING_NOW = new Set(['EAGAIN', 'EINTR', 'ENODEV']);

/** Numbers that tracefs answers with and that are no POSIX errno. */
const KERNEL_ONLY = new Map([[524, 'ENOTSUPP']]);

/** The symbolic errno of a failed call of Node; `undefined` for any other error. */
export function errnoName(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return undefined;
  const known = KERNEL_ONLY.get(-error.errno);
  if (known !== undefined) return known;
  return 'code' in error && typeof error.code === 'string' ? error.code : `errno ${-error.errno}`;
}

const CODES = new Map<string, HostErrorCode>([
  ['ENOENT', 'not-found'],
  ['ENOTDIR', 'not-found'],
  ['EACCES', 'permission'],
  ['EPERM', 'lockdown'],
  ['EBUSY', 'busy'],
  ['EEXIST', 'exists'],
]);

/** Wraps a failed call with the file, who we are and what to do (spec 14 R14-2, R14-3). `verb` completes "cannot ...". */
export function hostError(verb: string, file: string, cause: unknown): HostError {
  const errno = errnoName(cause);
  if (errno === undefined)
    return new HostError('io', file, `cannot ${verb} ${file}: ${String(cause)}`, { cause });
  const code = CODES.get(errno) ?? 'refused';
  const who = code === 'permission' || code === 'lockdown' ? `, as ${describeUser()}` : '';
  return new HostError(code, file, `cannot ${verb} ${file}: ${errno}${who}`, {
    errno,
    cause,
    hints: hintsFor(code),
  });
}

function hintsFor(code: HostErrorCode): readonly string[] {
  switch (code) {
    case 'permission':
      return [
        'run it as root',
        'or give a group access: mount -o remount,gid=GROUP,mode=750 /sys/kernel/tracing, and chmod what the mount made before',
        'or use a backend that needs only capabilities (CAP_BPF and CAP_PERFMON)',
      ];
    case 'lockdown':
      return ['the kernel may be locked down: see /sys/kernel/security/lockdown'];
    case 'busy':
      return ['another program has it open or enabled: end that one first'];
    default:
      return [];
  }
}
