import { type Judgement, ProbeEvents } from '../language/index.js';
import { advise } from './advice.js';
import { linesOfArgument } from './definitions.js';
import { CommandError } from './error.js';
import { ExitCode } from './exit-code.js';
import { explainEvent } from './explanation.js';
import { explanationText } from './explanation-text.js';
import { CLI_JSON_VERSION, judgementJson, outwardFor, warningsJson } from './judgement-json.js';
import { refusedText, shown, warningsText } from './judgement-text.js';
import { openAskedKernel } from './kernel-option.js';
import { whyNotJudged } from './not-judged.js';
import { Output } from './output.js';
import { type Paint, paintFor } from './paint.js';
import { type RewrittenUprobe, rewrittenUprobe } from './rewritten-uprobe.js';
import { streamOf } from './standard-streams.js';

export interface ExplainOptions {
  readonly kernel: string;
  readonly dialect?: string;
  readonly json?: boolean;
}

/** `btfprobe explain`: shows what one definition becomes, or why it is refused. */
export async function explain(given: string, options: ExplainOptions): Promise<ExitCode> {
  const [definition, ...others] = linesOfArgument(given);
  if (definition === undefined || others.length > 0) {
    throw new CommandError('usage', 'explain takes one definition');
  }
  const reason = whyNotJudged(definition);
  if (reason !== undefined) return await withoutJudgement(definition, reason, options);
  using asked = openAskedKernel(options.kernel, options.dialect);
  const { kernel } = asked;
  using events = new ProbeEvents(kernel);
  const { judgement, warnings } = advise(kernel, definition, events.write(definition));
  const { outward, enc } = outwardFor(definition);
  const explanation =
    judgement.accepted && judgement.event !== undefined
      ? explainEvent(kernel, judgement.event, outward)
      : undefined;
  const rewritten = judgement.accepted ? undefined : rewrittenUprobe(kernel, definition, judgement, outward);
  const output = new Output(streamOf(1));
  if (options.json) {
    const verdict =
      explanation === undefined
        ? judgementJson(judgement, warnings, outward)
        : { accepted: true, ...explanation, warnings: warningsJson(warnings, outward) };
    const json = {
      v: CLI_JSON_VERSION,
      definition: outward(definition),
      ...(enc && { enc }),
      ...verdict,
      ...(rewritten && {
        rewritten: { definition: outward(rewritten.definition), explanation: rewritten.explanation ?? null },
      }),
    };
    await output.write(`${JSON.stringify(json)}\n`);
  } else {
    const paint = paintFor(streamOf(1));
    const main = explanation === undefined ? undefined : explanationText(explanation, paint);
    await output.write(main ?? withoutEvent(judgement, definition, paint));
    if (warnings.length > 0) await output.write(`\n${warningsText(warnings, paint)}`);
    if (rewritten !== undefined) await output.write(rewrittenText(rewritten, paint));
  }
  await output.finish();
  return judgement.accepted ? ExitCode.ok : ExitCode.refused;
}

async function withoutJudgement(
  definition: string,
  reason: string,
  { json }: ExplainOptions,
): Promise<ExitCode> {
  const output = new Output(streamOf(1));
  const { outward, enc } = outwardFor(definition);
  const line = {
    v: CLI_JSON_VERSION,
    definition: outward(definition),
    ...(enc && { enc }),
    notJudged: reason,
  };
  await output.write(json ? `${JSON.stringify(line)}\n` : `not judged: ${reason}\n  ${shown(definition)}\n`);
  await output.finish();
  return ExitCode.refused;
}

function withoutEvent(judgement: Judgement, definition: string, paint: Paint): string {
  if (judgement.accepted) return 'a deletion: there is nothing to explain\n';
  return refusedText(judgement, definition, undefined, paint);
}

function rewrittenText({ definition, explanation }: RewrittenUprobe, paint: Paint): string {
  const head = `\n${paint.strong('rewritten')} ${shown(definition)}\n`;
  return explanation === undefined ? head : `${head}\n${explanationText(explanation, paint)}`;
}
