import { splitCommand, toByteString } from '../language/index.js';
import { CommandError } from './error.js';
import { readLines } from './lines.js';

/** A definition to judge. */
export interface GivenDefinition {
  /** Bytes, one per character. */
  readonly text: string;
  /** `FILE:LINE`; `undefined` when it stood on the command line. */
  readonly origin: string | undefined;
}

/**
 * The definitions of a command line: arguments first (`-` for standard input), then files. Without any, standard input
 * unless that is a terminal. Blank lines and comments are left out. Throws a `CommandError`.
 */
export async function* givenDefinitions(
  given: readonly string[],
  files: readonly string[],
): AsyncGenerator<GivenDefinition, void, undefined> {
  if (given.length === 0 && files.length === 0) {
    if (process.stdin.isTTY) {
      throw new CommandError('usage', 'there is nothing to check', [
        "give a definition as one argument: btfprobe check 'f vfs_read count'",
      ]);
    }
    yield* definitionsOf('-');
  }
  for (const text of given) {
    if (text === '-') yield* definitionsOf('-');
    else for (const line of linesOfArgument(text)) yield { text: line, origin: undefined };
  }
  for (const file of files) yield* definitionsOf(file);
}

/** The definitions in one argument: a newline separates them as in the kernel's files. Bytes, one per character. */
export function linesOfArgument(text: string): readonly string[] {
  return toByteString(text).split('\n').filter(isDefinition);
}

async function* definitionsOf(file: string): AsyncGenerator<GivenDefinition, void, undefined> {
  const name = file === '-' ? 'stdin' : file;
  let number = 0;
  for await (const text of readLines(file)) {
    number++;
    if (isDefinition(text)) yield { text, origin: `${name}:${number}` };
  }
}

function isDefinition(line: string): boolean {
  return splitCommand(line).words.length > 0;
}
