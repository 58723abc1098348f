import { constants } from 'node:os';
import type { LoggedError } from '../src/language/index.js';
import type { Recorded } from '../test/conformance/recorded.js';

// What goes to the agent in the guest and comes back (agent.c). Every text is one byte a character.

/** A definition to put to the kernel, and those written before it. */
export interface Case {
  readonly def: string;
  readonly setup?: readonly string[];
  /** What the generator had in mind. */
  readonly tags: readonly string[];
}

/** The agent's input. */
export function encodeCases(cases: readonly Case[]): Buffer {
  const parts: Buffer[] = [];
  const number = (value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    parts.push(bytes);
  };
  const text = (value: string): void => {
    number(value.length);
    parts.push(Buffer.from(value, 'latin1'));
  };
  for (const { def, setup = [] } of cases) {
    number(setup.length);
    for (const line of setup) text(line);
    text(def);
  }
  return Buffer.concat(parts);
}

/** The answers to the first cases, as many whole ones as the agent wrote. */
export function decodeAnswers(bytes: Buffer, cases: readonly Case[]): Recorded[] {
  const answers: Recorded[] = [];
  let at = 0;
  const number = (): number => {
    at += 4;
    return bytes.readInt32LE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (at + length > bytes.length) throw new RangeError('cut off');
    at += length;
    return bytes.toString('latin1', at - length, at);
  };
  try {
    while (at < bytes.length && answers.length < cases.length) {
      const setupErrno = Array.from({ length: number() }, () => errnoName(number()));
      const errno = errnoName(number());
      number();
      const [log, listing, event, format] = [text(), text(), text(), text()];
      number();
      const { def, setup, tags } = cases[answers.length]!;
      const logs = readLog(log);
      answers.push({
        def,
        enc: 'latin1',
        ...(setup && { setup }),
        tags,
        ...(setupErrno.some(name => name !== null) && { setupErrno }),
        errno,
        log: logs.at(-1) ?? null,
        ...(logs.length > 1 && { logs }),
        listing: listing.split('\n').slice(0, -1),
        ...(event !== '' && { event }),
        ...(format !== '' && { format: readFormat(format) }),
      });
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return answers;
}

const errnoNames = new Map<number, string>([
  ...Object.entries(constants.errno)
    .map(([name, value]) => [value, name] as const)
    .reverse(),
  [95, 'EOPNOTSUPP'],
  [512, 'ERESTARTSYS'],
  [524, 'ENOTSUPP'],
]);

function errnoName(value: number): string | null {
  return value === 0 ? null : (errnoNames.get(value) ?? `E${value}`);
}

function readLog(log: string): LoggedError[] {
  const entries = log.matchAll(/^\[ *\d+\.\d+\] (.*?): error: (.*)\n {2}Command: ([^\n]*)\n( *)\^$/gm);
  return [...entries].map(([, subsystem = '', message = '', command = '', blanks = '']) => ({
    subsystem,
    message,
    caret: blanks.length - 11,
    command,
  }));
}

function readFormat(text: string): { fields: string[]; printFmt: string } {
  const body = text.slice(text.indexOf('format:\n') + 8);
  const print = body.indexOf('\nprint fmt: ');
  const fields = body.slice(body.indexOf('\n\n') + 2, print).split('\n');
  return {
    fields: fields.map(line => line.trim()).filter(line => line !== ''),
    printFmt: body.slice(print + 12).replace(/\n+$/, ''),
  };
}
