import { constants, fstatSync, openSync, type Stats, writeSync } from 'node:fs';

// Node makes its streams for standard output and error when they are first asked for, and then loads what it knows of
// networks: that takes longer than all else that a command does to begin with. Whoever reads fast enough is served without.

/** Descriptor numbers of standard output and error. */
export type StandardStream = 1 | 2;

const streams = new Map<StandardStream, NodeJS.WriteStream>();
/** Where bytes can be written that need not be waited for; `undefined`: nowhere. */
const descriptors = new Map<StandardStream, number | undefined>();

/** Node's stream. Whoever writes finds out that its reader went away: nothing is thrown. */
export function streamOf(number: StandardStream): NodeJS.WriteStream {
  let stream = streams.get(number);
  if (stream === undefined) {
    stream = nodeStream(number);
    stream.on('error', () => {});
    streams.set(number, stream);
  }
  return stream;
}

/** Is it one of the two? */
export function isStandard(stream: object): boolean {
  return [...streams.values()].some(one => one === stream);
}

/** Whether nothing is on its way to who reads them. */
export function isAllWritten(): boolean {
  return [...streams.values()].every(({ writableLength }) => writableLength === 0);
}

/** Is it a person's? */
export function isTerminal(number: StandardStream): boolean {
  return statsOf(number)?.isCharacterDevice() === true && nodeStream(number).isTTY === true;
}

/** Says a text on standard error, in the order of such texts. Nobody is told when nobody reads it. */
export function say(text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  try {
    written = writeNow(2, bytes);
  } catch {
    return;
  }
  if (written < bytes.length) streamOf(2).write(bytes.subarray(written));
}

/**
 * Writes as many of the bytes as need not be waited for, and answers how many. The rest is for the stream, and so is
 * all that follows: then none are written here. Throws what `node:fs` throws.
 */
export function writeNow(number: StandardStream, bytes: Uint8Array): number {
  if (streams.has(number)) return 0;
  if (!descriptors.has(number)) descriptors.set(number, openDescriptor(number));
  const descriptor = descriptors.get(number);
  if (descriptor === undefined) return 0;
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  return written;
}

/**
 * Files never have to be waited for, nor devices but terminals. A pipe is opened once more: whether a full one is waited for is a matter of the opened
 * file, which others may share.
 */
function openDescriptor(number: StandardStream): number | undefined {
  const stats = statsOf(number);
  if (stats?.isFile() === true || (stats?.isCharacterDevice() === true && !isTerminal(number))) return number;
  if (stats?.isFIFO() !== true) return undefined;
  try {
    return openSync(`/proc/self/fd/${number}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // No /proc, or somebody else's pipe: the stream can do without.
    return undefined;
  }
}

function nodeStream(number: StandardStream): NodeJS.WriteStream {
  return number === 1 ? process.stdout : process.stderr;
}

function statsOf(number: StandardStream): Stats | undefined {
  try {
    return fstatSync(number);
  } catch {
    // It was closed: the stream says so.
    return undefined;
  }
}
