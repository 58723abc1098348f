import {
  type Diagnostic,
  fromByteString,
  type ProbeEvent,
  type Refused,
  type Warning,
} from '../language/index.js';
import { type Paint, printable } from './paint.js';

// Verdicts for people. The kernel's own words come first, in the form of its error_log, then ours.

/** As wide as `  Command: `, under which the kernel puts its caret. */
const commandIndent = ' '.repeat(11);

/** An accepted line: the event it makes and how the kernel lists it, then what will go wrong with it. */
export function acceptedText(
  event: ProbeEvent | undefined,
  definition: string,
  warnings: readonly Warning[],
  paint: Paint,
): string {
  if (event === undefined) return `${paint.good('ok')} ${shown(definition)}\n`;
  const head = `${paint.good('ok')} ${shown(`${event.group}/${event.name}`)}\n  ${shown(event.listing)}\n`;
  return `${head}${warningsText(warnings, paint)}`;
}

/** What will go wrong with an accepted line. */
export function warningsText(warnings: readonly Warning[], paint: Paint): string {
  return warnings
    .map(({ message, hints }) => {
      const said = `  ${paint.strong('warning:')} ${shown(message)}\n`;
      return `${said}${hints.map(hint => hintLine(hint, paint)).join('')}`;
    })
    .join('');
}

/** A refused line: what the kernel logs, the errno of the write, what else is wrong, what to do. */
export function refusedText(
  refused: Refused,
  definition: string,
  origin: string | undefined,
  paint: Paint,
): string {
  const said = refused.log.length > 0 ? refused.log : refused.diagnostics.slice(0, 1);
  const others = refused.diagnostics.slice(said.length);
  const place = origin === undefined ? '' : ` at ${printable(origin)}`;
  return [
    ...said.map(diagnostic => kernelWords(diagnostic, definition, paint)),
    `  ${paint.bad('refused')} with ${refused.errno}${place}\n`,
    ...said.flatMap(({ hints }) => hints.map(hint => hintLine(hint, paint))),
    ...others.map(diagnostic => alsoWrong(diagnostic, definition, paint)),
  ].join('');
}

/** One entry of the error log: what an entry needs of a diagnostic, so that the live kernel's own fit as well. */
export function errorLogText(
  entry: {
    readonly subsystem: string | undefined;
    readonly message: string;
    readonly command: string;
    readonly caret: number | undefined;
  },
  paint: Paint,
): string {
  const subsystem = entry.subsystem === undefined ? '' : `${entry.subsystem}: `;
  const head = `${subsystem}${paint.bad('error')}: ${paint.strong(printable(entry.message))}\n  Command: ${shown(entry.command)}\n`;
  if (entry.caret === undefined) return head;
  // The kernel counts bytes; so that the caret stands under its character, columns count here.
  const before = shown(entry.command.slice(0, entry.caret)).padEnd(entry.caret);
  const column = entry.caret > entry.command.length ? entry.caret : before.length;
  return `${head}${commandIndent}${' '.repeat(column)}${paint.bad('^')}\n`;
}

/** A line that says what to do next. Hints are byte strings where they quote a definition. */
export function hintLine(hint: string, paint: Paint): string {
  return `  ${paint.faint('hint:')} ${shown(hint)}\n`;
}

function kernelWords(diagnostic: Diagnostic, definition: string, paint: Paint): string {
  if (diagnostic.subsystem === undefined) return silentText(diagnostic, definition, paint);
  const text = errorLogText(diagnostic, paint);
  if (diagnostic.caret !== undefined) return text;
  return `${text}  the kernel's own column is not specified here; to blame is\n${underlined(diagnostic, definition, paint)}`;
}

/** The kernel logs nothing: the message is ours. */
function silentText(diagnostic: Diagnostic, definition: string, paint: Paint): string {
  return `${paint.bad('error')}: ${paint.strong(printable(diagnostic.message))}\n${underlined(diagnostic, definition, paint)}`;
}

/** A mistake beside the one that decides. */
export function alsoWrong(diagnostic: Diagnostic, definition: string, paint: Paint): string {
  const hints = diagnostic.hints.map(hint => hintLine(hint, paint)).join('');
  return `  ${paint.faint('also wrong:')} ${printable(diagnostic.message)}\n${underlined(diagnostic, definition, paint)}${hints}`;
}

/** The written line with what is to blame marked. */
function underlined({ span }: Diagnostic, definition: string, paint: Paint): string {
  const before = shown(definition.slice(0, span.start)).length;
  const length = Math.max(1, shown(definition.slice(span.start, span.end)).length);
  const mark = paint.bad(`^${'~'.repeat(length - 1)}`);
  return `    ${shown(definition)}\n    ${' '.repeat(before)}${mark}\n`;
}

/** Bytes as a person can read them on one line. */
export function shown(bytes: string): string {
  return printable(fromByteString(bytes));
}
