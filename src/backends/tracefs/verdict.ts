import type { ErrorLogEntry, Refusal, Tracefs } from '../../host/index.js';
import type { Refused } from '../../language/index.js';
import type { TracedEvent } from '../../records/index.js';
import { BackendError, type KernelRefusal } from '../error.js';
import type { WrittenLine } from './written-line.js';

/** The kernel's words about a line, as if the user had written it himself. */
export function kernelRefusal({ errno, entry }: Refusal, written: WrittenLine): KernelRefusal {
  if (entry === undefined) {
    const command = written.restoreCommand(written.line);
    return { errno, message: undefined, subsystem: undefined, command, caret: undefined };
  }
  const command = written.restoreCommand(entry.command);
  // Past the end by more than one is the stray address of spec 05 section 1.2.
  const caret = entry.caret > entry.command.length + 1 ? undefined : written.restoreCaret(entry.caret);
  return { errno, message: entry.message, subsystem: entry.subsystem, command, caret };
}

/** We refuse a definition; the kernel, if it was asked, does as well or does not. */
export function refusedByUs(
  definition: string,
  ours: Refused,
  kernel: { readonly asked: boolean; readonly refusal: KernelRefusal | undefined },
): BackendError {
  const [first] = ours.diagnostics;
  const message = first?.message ?? `the definition is refused with ${ours.errno}`;
  const hints = [...(first?.hints ?? [])];
  if (!kernel.asked) {
    hints.push('the kernel was not asked: btfprobe puts a group of its own in the place of the one written');
    return new BackendError('definition', message, { definition, diagnostics: ours.diagnostics, hints });
  }
  const { refusal } = kernel;
  const disagreement =
    refusal === undefined || refusal.errno !== ours.errno || refusal.message !== ours.log.at(-1)?.message;
  if (disagreement) {
    hints.push(
      refusal === undefined
        ? 'the kernel accepts this definition, btfprobe does not: please report it with the kernel release'
        : `the kernel refuses it for another reason: ${saidByKernel(refusal)}`,
    );
  }
  return new BackendError('definition', message, {
    definition,
    diagnostics: ours.diagnostics,
    ...(refusal === undefined ? {} : { kernel: refusal }),
    disagreement,
    hints,
  });
}

/** The kernel refuses a definition that we accept. */
export function refusedByKernel(definition: string, kernel: KernelRefusal): BackendError {
  return new BackendError('definition', `the kernel refuses it: ${saidByKernel(kernel)}`, {
    definition,
    kernel,
    disagreement: true,
    hints: [
      'btfprobe accepts this definition: was the kernel opened from the facts of this very kernel?',
      'if it was, please report it with the kernel release',
    ],
  });
}

/** The kernel refuses a filter that we accept, and says so in `entry`. */
export function filterRefused(
  { group, name }: TracedEvent,
  filter: string,
  errno: string,
  entry: ErrorLogEntry | undefined,
): BackendError {
  const kernel: KernelRefusal = {
    errno,
    message: entry?.message,
    subsystem: entry?.subsystem,
    command: entry?.command ?? filter,
    caret: entry?.caret,
  };
  const label = `${group}:${name}`;
  return new BackendError(
    'definition',
    `the kernel refuses the filter for ${label}: ${saidByKernel(kernel)}`,
    {
      definition: filter,
      kernel,
      disagreement: true,
      hints: [`btfprobe accepts this filter for ${label}: please report it with the kernel release`],
    },
  );
}

/** What a second `t` event on one tracepoint meets. */
export function isTracepointTaken({ errno, entry }: Refusal): boolean {
  return errno === 'EEXIST' && entry === undefined;
}

/**
 * The kernel takes one `t` event per tracepoint and says no more than EEXIST (spec 14 R14-30): names the event that
 * holds it.
 */
export function tracepointTaken(
  definition: string,
  tracepoint: string,
  kernel: KernelRefusal,
  tracefs: Tracefs,
): BackendError {
  const holder = tracefs.listProbes().find(probe => probe.kind === 't' && probe.place === tracepoint);
  if (holder === undefined) {
    const hint = `an earlier definition that failed keeps ${tracepoint} taken until the next boot; an fprobe on a function near it can stand in`;
    return new BackendError(
      'definition',
      `the tracepoint ${tracepoint} is taken, by no event that is listed`,
      {
        definition,
        kernel,
        hints: [hint],
      },
    );
  }
  const name = `${holder.group}:${holder.name}`;
  return new BackendError('definition', `the tracepoint ${tracepoint} is held by the event ${name}`, {
    definition,
    kernel,
    hints: [
      'this kernel takes one t event per tracepoint',
      `the event is defined as: ${holder.line}`,
      `if its arguments are those wanted, follow it: ${name}`,
      'a program shares a tracepoint with whoever has it: --backend bpf',
    ],
  });
}

function saidByKernel({ errno, message }: KernelRefusal): string {
  return message === undefined ? `${errno}, without a word` : `${message} (${errno})`;
}
