import { type Judgement, ProbeEvents } from '../language/index.js';
import { linesOfArgument } from './definitions.js';
import { CommandError } from './error.js';
import { ExitCode } from './exit-code.js';
import { explainEvent } from './explanation.js';
import { explanationText } from './explanation-text.js';
import { CLI_JSON_VERSION, judgementJson, outwardFor } from './judgement-json.js';
import { refusedText } from './judgement-text.js';
import { openNamedKernel } from './kernel-option.js';
import { whyNotJudged } from './not-judged.js';
import { Output } from './output.js';
import { paintFor } from './paint.js';

export interface ExplainOptions {
  readonly kernel: string;
  readonly json?: boolean;
}

/** `btfprobe explain`: shows what one definition becomes, or why it is refused. */
export async function explain(given: string, options: ExplainOptions): Promise<ExitCode> {
  const [definition, ...others] = linesOfArgument(given);
  if (definition === undefined || others.length > 0) {
    throw new CommandError('usage', 'explain takes one definition');
  }
  const reason = whyNotJudged(definition);
  if (reason !== undefined) throw new CommandError('usage', reason);
  using kernel = openNamedKernel(options.kernel);
  using events = new ProbeEvents(kernel);
  const judgement = events.write(definition);
  const { outward, enc } = outwardFor(definition);
  const explanation =
    judgement.accepted && judgement.event !== undefined
      ? explainEvent(kernel, judgement.event, outward)
      : undefined;
  const output = new Output(process.stdout);
  if (options.json) {
    const verdict =
      explanation === undefined ? judgementJson(judgement, outward) : { accepted: true, ...explanation };
    const json = { v: CLI_JSON_VERSION, definition: outward(definition), ...(enc && { enc }), ...verdict };
    await output.write(`${JSON.stringify(json)}\n`);
  } else {
    const paint = paintFor(process.stdout);
    await output.write(
      explanation === undefined ? withoutEvent(judgement, definition) : explanationText(explanation, paint),
    );
  }
  await output.finish();
  return judgement.accepted ? ExitCode.ok : ExitCode.refused;
}

function withoutEvent(judgement: Judgement, definition: string): string {
  if (judgement.accepted) return 'a deletion: there is nothing to explain\n';
  return refusedText(judgement, definition, undefined, paintFor(process.stdout));
}
