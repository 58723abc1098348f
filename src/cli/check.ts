import { createProgramSymbols } from '../host/index.js';
import { ProbeEvents } from '../language/index.js';
import { type Advised, advise } from './advice.js';
import { type GivenDefinition, givenDefinitions } from './definitions.js';
import { ExitCode } from './exit-code.js';
import { CLI_JSON_VERSION, judgementJson, outwardFor } from './judgement-json.js';
import { acceptedText, refusedText, shown } from './judgement-text.js';
import { openAskedKernel } from './kernel-option.js';
import { whyNotJudged } from './not-judged.js';
import { Output } from './output.js';
import { type Paint, paintFor } from './paint.js';
import { streamOf } from './standard-streams.js';

export interface CheckOptions {
  readonly file: readonly string[];
  readonly kernel: string;
  readonly dialect?: string;
  readonly alone?: boolean;
  readonly json?: boolean;
}

/** `btfprobe check`: says of each definition what the kernel would. */
export async function check(given: readonly string[], options: CheckOptions): Promise<ExitCode> {
  using asked = openAskedKernel(options.kernel, options.dialect);
  const { kernel } = asked;
  using list = new ProbeEvents(kernel);
  const findUserSymbol = createProgramSymbols();
  const output = new Output(streamOf(1));
  const paint = paintFor(streamOf(1));
  let exitCode: ExitCode = ExitCode.ok;
  for await (const definition of givenDefinitions(given, options.file)) {
    const reason = whyNotJudged(definition.text);
    using alone = options.alone ? new ProbeEvents(kernel) : undefined;
    const judgement = reason === undefined ? (alone ?? list).write(definition.text) : undefined;
    if (!judgement?.accepted) exitCode = ExitCode.refused;
    const advised = judgement && advise(kernel, definition.text, judgement, findUserSymbol);
    await output.write(
      options.json ? line(definition, advised, reason) : text(definition, advised, reason, paint),
    );
    if (output.closed) break;
  }
  await output.finish();
  return exitCode;
}

function text(
  { text: definition, origin }: GivenDefinition,
  advised: Advised | undefined,
  reason: string | undefined,
  paint: Paint,
): string {
  if (advised === undefined) return `not judged: ${reason}\n  ${shown(definition)}\n`;
  const { judgement, warnings } = advised;
  if (judgement.accepted) return acceptedText(judgement.event, definition, warnings, paint);
  return refusedText(judgement, definition, origin, paint);
}

function line(
  { text: definition, origin }: GivenDefinition,
  advised: Advised | undefined,
  reason: string | undefined,
): string {
  const { outward, enc } = outwardFor(definition);
  const json = {
    v: CLI_JSON_VERSION,
    definition: outward(definition),
    ...(enc && { enc }),
    ...(origin !== undefined && { origin }),
    ...(advised === undefined
      ? { notJudged: reason }
      : judgementJson(advised.judgement, advised.warnings, outward)),
  };
  return `${JSON.stringify(json)}\n`;
}
