import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { callError, SysError } from './error.js';

// The only door to foreign functions: libc's syscall(2) through koffi. Prototypes are not checked when called, so there
// is one of them, and everything above deals in numbers and bytes.

type Word = number | bigint;

/** What is used of koffi. */
interface Koffi {
  load(path: string | null): { func(prototype: string): (...args: Word[]) => Word };
  errno(): number;
  address(bytes: Uint8Array): bigint;
  view(address: bigint, length: number): ArrayBuffer;
}

/** Numbers of the system calls that are used, by architecture (spec 15). */
const numbers = {
  x64: { bpf: 321, perf_event_open: 298, mmap: 9, munmap: 11, ioctl: 16, close: 3 },
  arm64: { bpf: 280, perf_event_open: 241, mmap: 222, munmap: 215, ioctl: 29, close: 57 },
} as const;

export type SystemCall = keyof (typeof numbers)['x64'];

interface Door {
  readonly syscall: (...args: Word[]) => Word;
  readonly koffi: Koffi;
  readonly numbers: Readonly<Record<SystemCall, number>>;
}

let opened: Door | undefined;

/** Loaded when the first call is made: who never makes one does not pay for it. */
function door(): Door {
  opened ??= open();
  return opened;
}

function open(): Door {
  const known = numbers[arch() as keyof typeof numbers];
  if (known === undefined) {
    throw new SysError('unsupported', 'syscall', `system calls of ${arch()} machines are not known`);
  }
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    const syscall = koffi
      .load(null)
      .func('long syscall(long n, long a, long b, long c, long d, long e, long f)');
    return { syscall, koffi, numbers: known };
  } catch (cause) {
    throw new SysError(
      'no-ffi',
      'syscall',
      `system calls need the package koffi, which does not load: ${(cause as Error).message.split('\n')[0]}`,
      undefined,
      cause,
    );
  }
}

/** Whether system calls can be made. Throws a `SysError` that says why not: `no-ffi`, `unsupported`. */
export function requireSystemCalls(): void {
  door();
}

/**
 * Makes a system call; `what` names it in errors. Buffers whose addresses are among the arguments must be kept by the
 * caller until it returns. Throws a `SysError`.
 */
export function systemCall(call: SystemCall, what: string, ...args: Word[]): Word {
  const { syscall, koffi, numbers } = door();
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
  const result = syscall(numbers[call], a, b, c, d, e, f);
  if (result === -1 || result === -1n) throw callError(what, koffi.errno());
  return result;
}

/** Where the bytes lie. They lie still as long as somebody holds them. */
export function addressOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : door().koffi.address(bytes);
}

/** The memory at an address as it is: touching it after it was unmapped ends the process. */
export function viewOf(address: bigint, length: number): ArrayBuffer {
  return door().koffi.view(address, length);
}
