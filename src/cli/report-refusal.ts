import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TraceDatError } from '../formats/index.js';
import { RecordError } from '../records/index.js';
import { CommandError } from './error.js';

const whatRecordingsAre =
  'a recording is a trace.dat of btfprobe record or trace-cmd record, or a capture folder';

/** Files that are taken for recordings, by what they begin with. */
const lookalikes: readonly (readonly [beginning: string, hint: string])[] = [
  ['\x1f\x8b', 'it is compressed with gzip: unpack it first'],
  ['\x28\xb5\x2f\xfd', 'it is compressed with zstd: unpack it first'],
  ['PERFILE2', 'it is a perf.data: perf script prints it'],
  ['BTFBUNDL', 'it is a bundle of a kernel: btfprobe bundle show'],
];

/** There is nothing of this name. */
export function noRecording(path: string): CommandError {
  return new CommandError('input', `there is no ${JSON.stringify(path)}`, [whatRecordingsAre]);
}

/** It gives its bytes once, in one direction. */
export function fromPipe(path: string): CommandError {
  return new CommandError('input', `${path} is a pipe, and a recording is read back and forth`, [
    'write it to a file first, then report that',
  ]);
}

/** The error with the name of the recording that it is about, and what to do; others as they are. */
export function refusalOf(error: unknown, path: string): unknown {
  if (!(error instanceof TraceDatError || error instanceof RecordError)) return error;
  const hints = isUnknown(error) ? [hintFor(path)] : [];
  return new CommandError('input', `${path}: ${error.message}`, hints, error);
}

function isUnknown({ code }: TraceDatError | RecordError): boolean {
  return code === 'magic' || code === 'capture';
}

function hintFor(path: string): string {
  if (statSync(path).isDirectory()) return 'what a capture folder holds: docs/cli.md, report';
  const beginning = beginningOf(path);
  if (beginning === '') return 'it is empty: whoever recorded it ended before it was written';
  return lookalikes.find(([first]) => beginning.startsWith(first))?.[1] ?? whatRecordingsAre;
}

function beginningOf(path: string): string {
  const bytes = Buffer.alloc(8);
  const file = openSync(path, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/** Refuses to write a report over what it is made of. Throws a `CommandError`. */
export function refuseOverwriting(recording: string, output: string | undefined): void {
  const target = output === undefined ? undefined : statSync(output, { throwIfNoEntry: false });
  if (target === undefined || !target.isFile()) return;
  const isFolder = statSync(recording).isDirectory();
  const sources = isFolder ? readdirSync(recording).map(name => join(recording, name)) : [recording];
  for (const source of sources) {
    const { dev, ino } = statSync(source);
    if (dev === target.dev && ino === target.ino)
      throw new CommandError('usage', `${output} is what is read: the report would replace it`, [
        'give another name with -o',
      ]);
  }
}
