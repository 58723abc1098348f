import { answerQuestion, type Question } from '../language/index.js';
import { ExitCode } from './exit-code.js';
import { openAskedKernel } from './kernel-option.js';
import { readLines } from './lines.js';
import { whyNotJudged } from './not-judged.js';
import { Output } from './output.js';
import { streamOf } from './standard-streams.js';

export interface AskOptions {
  readonly kernel: string;
  readonly dialect?: string;
}

/** `btfprobe ask`: answers a JSON question a line with a JSON answer a line, as fast as they are read. */
export async function ask(options: AskOptions): Promise<ExitCode> {
  using asked = openAskedKernel(options.kernel, options.dialect);
  const { kernel } = asked;
  const output = new Output(streamOf(1));
  let exitCode: ExitCode = ExitCode.ok;
  let number = 0;
  for await (const line of readLines('-')) {
    number++;
    if (line.trim() === '') continue;
    const question = parseQuestion(line);
    if (question === 'header') continue;
    let answer: object;
    if (typeof question === 'string') {
      exitCode = ExitCode.refused;
      answer = { error: question, line: number };
    } else {
      const notJudged = whyNotJudged(question.def);
      answer = notJudged === undefined ? answerQuestion(kernel, question) : { ...question, notJudged };
    }
    await output.write(`${JSON.stringify(answer)}\n`);
    if (output.closed) break;
  }
  await output.finish();
  return exitCode;
}

const controls: readonly unknown[] = ['dynamic_events', 'kprobe_events', 'uprobe_events'];

/** A question; `header` for the first line of a recorded corpus; else what is wrong with the line. */
function parseQuestion(line: string): Question | string {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  if (typeof json !== 'object' || json === null) return 'not a JSON object';
  const { header, def, setup, enc, control } = json as { readonly [member: string]: unknown };
  if (header === true) return 'header';
  if (typeof def !== 'string') return 'def is not a string';
  if (setup !== undefined && !isStrings(setup)) return 'setup is not an array of strings';
  if (enc !== undefined && enc !== 'latin1') return 'enc is not "latin1"';
  if (control !== undefined && !controls.includes(control))
    return `control is none of ${controls.join(', ')}`;
  if (enc === 'latin1' && [def, ...(setup ?? [])].some(isBeyondLatin1)) {
    return 'enc is "latin1", and a character is beyond U+00FF';
  }
  return {
    def,
    ...(setup && { setup }),
    ...(enc && { enc }),
    ...(control !== undefined && { control: control as NonNullable<Question['control']> }),
  };
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string');
}

function isBeyondLatin1(text: string): boolean {
  return /[^\x00-\xff]/.test(text);
}
