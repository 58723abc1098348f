import { createReadStream } from 'node:fs';
import { CommandError, systemReason } from './error.js';

/** No line of any input of ours is longer; more is not a text. */
const longestLine = 1 << 20;

/** Lines of a file, or of standard input for `-`, as byte strings without their newline. Throws a `CommandError` `input`. */
export async function* readLines(file: string): AsyncGenerator<string, void, undefined> {
  const name = file === '-' ? 'standard input' : file;
  const stream = file === '-' ? process.stdin : createReadStream(file);
  let rest = '';
  try {
    for await (const chunk of stream) {
      const lines = (rest + (chunk as Buffer).toString('latin1')).split('\n');
      rest = lines.pop()!;
      if (rest.length > longestLine) {
        throw new CommandError('input', `${name}: a line of more than ${longestLine} bytes`);
      }
      yield* lines;
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError('input', `cannot read ${name}: ${systemReason(error)}`, [], error);
  }
  if (rest !== '') yield rest;
}
