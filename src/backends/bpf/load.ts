import type { Descriptor } from '../../host/sys/index.js';
import {
  effectiveCapabilities,
  isSysError,
  loadProgram,
  type ProgramDescription,
  SysError,
} from '../../host/sys/index.js';
import { BackendError } from '../error.js';
import { encode, type Instruction, type MapName, slotOrigins } from './instruction.js';
import { verifierReason } from './verifier-log.js';

/** A program to be loaded, with the words to speak of it. */
export interface ProgramToLoad extends Omit<ProgramDescription, 'instructions'> {
  readonly made: readonly Instruction[];
  /** The definition as the user wrote it. */
  readonly definition: string;
  /** Where it is to go: `fentry of vfs_read`. */
  readonly what: string;
}

const logBytes = 1 << 20;
/** As many as libbpf makes. */
const attempts = 5;

/**
 * Loads a program: first without a log, which costs the kernel much; when it is refused once more with one. Throws a
 * `BackendError` that says what was tried, what the verifier said and of which argument; its `log` is the whole of it.
 * `ask` makes the system call.
 */
export function load(
  program: ProgramToLoad,
  maps: Readonly<Record<MapName, number>>,
  ask = loadProgram,
): Descriptor {
  const description = { ...program, instructions: encode(program.made, maps) };
  for (let attempt = 1; ; attempt++) {
    try {
      return ask(description);
    } catch (error) {
      if (!isSysError(error)) throw error;
      // A signal came while the verifier worked: the kernel wants to be asked again.
      if (error.errno === 'EAGAIN' && attempt < attempts) continue;
      throw explained(program, description, error, ask);
    }
  }
}

function explained(
  program: ProgramToLoad,
  description: ProgramDescription,
  first: SysError,
  ask: typeof loadProgram,
): BackendError {
  const { definition, what } = program;
  if (first.errno === 'EPERM') return permissionError(`load a program for ${what}`, first, definition);
  const bytes = new Uint8Array(new ArrayBuffer(logBytes));
  try {
    using unexpected = ask(description, { level: 1, bytes });
    void unexpected;
  } catch (again) {
    if (!(again instanceof SysError)) throw again;
  }
  const end = bytes.indexOf(0);
  const log = Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString('latin1');
  const reason = verifierReason(log);
  const origin = reason?.slot === undefined ? undefined : slotOrigins(program.made)[reason.slot];
  const where = origin === undefined ? '' : ` at argument ${origin}`;
  const words = reason === undefined ? '' : `: ${reason.line}`;
  return new BackendError(
    'attach',
    `the kernel refuses the program for ${what}${where} (${first.errno})${words}`,
    {
      definition,
      cause: first,
      ...(log !== '' && { log }),
    },
  );
}

/** What a user without the rights is told. */
export function permissionError(what: string, cause: SysError, definition?: string): BackendError {
  const has = effectiveCapabilities();
  const root = has.has('CAP_SYS_ADMIN');
  const needed = (['CAP_BPF', 'CAP_PERFMON'] as const).filter(name => !has.has(name));
  const hint = root
    ? 'a locked-down kernel forbids this to root as well: /sys/kernel/security/lockdown'
    : needed.length > 0
      ? `this process lacks ${needed.join(' and ')}: run it as root, or give it CAP_BPF and CAP_PERFMON (setcap, systemd AmbientCapabilities)`
      : 'this takes CAP_SYS_ADMIN: run it as root';
  return new BackendError('system', `the kernel does not let this process ${what} (${cause.errno})`, {
    ...(definition !== undefined && { definition }),
    hints: [hint],
    cause,
  });
}
