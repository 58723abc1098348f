import type { BackendError, KernelRefusal } from '../backends/index.js';
import type { WayId } from '../host/index.js';
import { diagnosticJson, outwardFor } from './judgement-json.js';
import { alsoWrong, errorLogText, hintLine, refusedText, shown } from './judgement-text.js';
import type { Paint } from './paint.js';

/** Version of the error's JSON: docs/cli.md. */
const ERROR_VERSION = 1;

/** Why a trace could not begin, for people: the kernel's own words first, then ours, and whether they differ. */
export function traceErrorText(error: BackendError, paint: Paint): string {
  const { definition, kernel, diagnostics } = error;
  const hints = error.hints.map(hint => hintLine(hint, paint)).join('');
  if (kernel === undefined && diagnostics.length === 0) return `btfprobe: ${shown(error.message)}\n${hints}`;
  return [
    ...(kernel === undefined ? [] : [`the kernel says:\n${kernelText(kernel, paint)}`]),
    ...(kernel !== undefined && error.disagreement ? [`${paint.strong('btfprobe says otherwise')}: `] : []),
    oursText(error, definition ?? '', paint),
  ].join('');
}

/** The same for programs, one line. */
export function traceErrorJson(error: BackendError): string {
  return `${JSON.stringify({ v: ERROR_VERSION, error: errorJson(error) })}\n`;
}

/** A way that the kernel refused for programs, one line. `now`: the way that is gone instead. */
export function wayRefusedJson(way: WayId, error: BackendError, now: WayId | undefined): string {
  const refused = { way, now: now ?? null, ...errorJson(error) };
  return `${JSON.stringify({ v: ERROR_VERSION, refused })}\n`;
}

function errorJson(error: BackendError): object {
  const { code, message, definition, kernel, diagnostics, disagreement, hints, log } = error;
  const { outward, enc } = outwardFor(definition ?? '');
  return {
    code,
    message: outward(message),
    ...(definition !== undefined && { definition: outward(definition) }),
    ...(enc && { enc }),
    kernel: kernel === undefined ? null : kernelJson(kernel, outward),
    diagnostics: diagnostics.map(diagnostic => diagnosticJson(diagnostic, outward)),
    disagreement,
    hints: hints.map(outward),
    ...(log !== undefined && { log }),
  };
}

function kernelText(kernel: KernelRefusal, paint: Paint): string {
  const { errno, message } = kernel;
  if (message === undefined) return `  ${errno}, and logs no reason\n  Command: ${shown(kernel.command)}\n`;
  return `${errorLogText({ ...kernel, message }, paint)}  ${paint.bad('refused')} with ${errno}\n`;
}

function oursText(error: BackendError, definition: string, paint: Paint): string {
  const { diagnostics, kernel, disagreement } = error;
  const hints = error.hints.map(hint => hintLine(hint, paint)).join('');
  const [first] = diagnostics;
  if (first === undefined) {
    const verdict = disagreement ? 'it accepts the definition\n' : `btfprobe: ${shown(error.message)}\n`;
    return `${verdict}    ${shown(definition)}\n${hints}`;
  }
  if (kernel !== undefined && !disagreement) {
    const others = diagnostics.slice(1).map(diagnostic => alsoWrong(diagnostic, definition, paint));
    return `btfprobe says the same\n${hints}${others.join('')}`;
  }
  // The first diagnostic's hints are among the error's own.
  const plain = { ...first, hints: [] };
  const log = first.subsystem === undefined ? [] : [plain];
  const lead = kernel === undefined ? '' : '\n';
  const ours = {
    accepted: false,
    errno: first.errno,
    log,
    diagnostics: [plain, ...diagnostics.slice(1)],
  } as const;
  return `${lead}${refusedText(ours, definition, undefined, paint)}${hints}`;
}

function kernelJson(
  { errno, subsystem, message, caret, command }: KernelRefusal,
  outward: (bytes: string) => string,
): object {
  return {
    errno,
    subsystem: subsystem ?? null,
    message: message ?? null,
    caret: caret ?? null,
    command: outward(command),
  };
}
