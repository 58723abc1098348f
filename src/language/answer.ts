import type { Kernel } from '../kernel/index.js';
import { fromByteString, toByteString } from './bytes.js';
import type { Diagnostic } from './diagnostic.js';
import type { ProbeEvent } from './event.js';
import { formatFieldLine } from './layout.js';
import { type ControlFile, ProbeEvents } from './probe-events.js';

// Questions and answers in the shape in which a real kernel's answers are recorded (docs/ask.md), to compare both.

/** A definition to judge. */
export interface Question {
  readonly def: string;
  /** Definitions written before it, into an empty list. */
  readonly setup?: readonly string[];
  /** Every string is one byte a character; without it, UTF-8. */
  readonly enc?: 'latin1';
  /** The file it is written to, `dynamic_events` by default. */
  readonly control?: ControlFile;
}

/** An entry of the error log. */
export interface LoggedError {
  readonly subsystem: string;
  readonly message: string;
  /** Byte column in `command`; `null` where the kernel's own is a stray address. */
  readonly caret: number | null;
  readonly command: string;
}

export interface Answer {
  readonly def: string;
  readonly setup?: readonly string[];
  readonly setupErrno?: readonly (string | null)[];
  readonly enc?: 'latin1';
  readonly control?: ControlFile;
  /** `null`: accepted. */
  readonly errno: string | null;
  /** The last entry of the error log. */
  readonly log: LoggedError | null;
  /** All entries, when there are several. */
  readonly logs?: readonly LoggedError[];
  /** The whole of `dynamic_events` afterwards. */
  readonly listing: readonly string[];
  /** `group/name` of the last line, if accepted. */
  readonly event?: string;
  readonly format?: { readonly fields: readonly string[]; readonly printFmt: string };
  /** Said instead of a verdict about what is not judged. */
  readonly notJudged?: string;
}

/** Answers one question on a kernel without probe events of others. */
export function answerQuestion(kernel: Kernel, question: Question): Answer {
  const latin1 = question.enc === 'latin1';
  const inward = (text: string): string => (latin1 ? text : toByteString(text));
  const outward = (text: string): string => (latin1 ? text : fromByteString(text));
  using events = new ProbeEvents(kernel);
  const setupErrno = question.setup?.map(line => {
    const judgement = events.write(inward(line));
    return judgement.accepted ? null : judgement.errno;
  });
  const judgement = events.write(inward(question.def), question.control);
  const logged = (judgement.accepted ? [] : judgement.log).map(entry => loggedError(entry, outward));
  const event = judgement.accepted ? lastListed(events) : undefined;
  const said: Partial<Question> = {
    ...(question.setup && { setup: question.setup }),
    ...(question.enc && { enc: question.enc }),
    ...(question.control && { control: question.control }),
  };
  return {
    def: question.def,
    ...said,
    ...(setupErrno?.some(errno => errno !== null) && { setupErrno }),
    errno: judgement.accepted ? null : judgement.errno,
    log: logged.at(-1) ?? null,
    ...(logged.length > 1 && { logs: logged }),
    listing: events.listing().map(outward),
    ...(event && {
      event: outward(`${event.group}/${event.name}`),
      format: {
        fields: event.layout.fields.map(field => outward(formatFieldLine(field))),
        printFmt: outward(event.layout.printFmt),
      },
    }),
  };
}

/** The event of the last listed probe; several probes of one event show the fields of the first. */
function lastListed({ all }: ProbeEvents): ProbeEvent | undefined {
  const last = all.at(-1);
  return all.find(({ group, name }) => group === last?.group && name === last.name);
}

function loggedError(entry: Diagnostic, outward: (text: string) => string): LoggedError {
  const { subsystem = '', message, caret = null, command } = entry;
  return { subsystem, message, caret, command: outward(command) };
}
