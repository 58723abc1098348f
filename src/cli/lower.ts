import type { Kernel } from '../kernel/index.js';
import { type LoweredEvent, type Lowering, lowerDefinition, piecesOf } from '../language/index.js';
import { type GivenDefinition, givenDefinitions } from './definitions.js';
import { ExitCode } from './exit-code.js';
import { CLI_JSON_VERSION, diagnosticJson, eventJson, outwardFor } from './judgement-json.js';
import { openNamedKernel } from './kernel-option.js';
import { explainedText, linesText, notLoweredText } from './lower-text.js';
import { whyNotJudged } from './not-judged.js';
import { Output } from './output.js';
import { paintFor } from './paint.js';
import { say, streamOf } from './standard-streams.js';

export interface LowerOptions {
  readonly to: string;
  readonly file: readonly string[];
  readonly plain?: boolean;
  readonly explain?: boolean;
  readonly json?: boolean;
}

/** `btfprobe lower`: definitions in words that the kernel takes. Lines go to standard output, reasons to standard error. */
export async function lower(given: readonly string[], options: LowerOptions): Promise<ExitCode> {
  using kernel = openNamedKernel(options.to);
  const output = new Output(streamOf(1));
  let exitCode: ExitCode = ExitCode.ok;
  for await (const definition of givenDefinitions(given, options.file)) {
    const lowering = lowerGiven(kernel, definition, options.plain === true);
    if (!lowering.ok) exitCode = ExitCode.refused;
    if (options.json) {
      await output.write(`${JSON.stringify(loweringJson(definition, lowering))}\n`);
    } else if (lowering.ok) {
      const text = options.explain ? explainedText : linesText;
      await output.write(text(lowering.event, lowering.lowered, kernel, paintFor(streamOf(1))));
    } else {
      say(notLoweredText(definition, lowering, kernel, paintFor(streamOf(2))));
    }
    if (lowering.ok) lowering.event[Symbol.dispose]();
    if (output.closed) break;
  }
  await output.finish();
  return exitCode;
}

function lowerGiven(kernel: Kernel, { text }: GivenDefinition, plain: boolean): Lowering {
  const reason = whyNotJudged(text);
  if (reason === undefined) return lowerDefinition(kernel, text, { form: plain ? 'plain' : 'newest' });
  const refusal = { code: 'no-form', message: reason, argument: undefined, diagnostic: undefined } as const;
  return { ok: false, refusals: [refusal], judgement: undefined };
}

function loweringJson({ text, origin }: GivenDefinition, lowering: Lowering): object {
  const { outward, enc } = outwardFor(text);
  const shared = {
    v: CLI_JSON_VERSION,
    definition: outward(text),
    ...(enc && { enc }),
    ...(origin !== undefined && { origin }),
  };
  if (!lowering.ok) {
    const refusals = lowering.refusals.map(({ code, message, argument, diagnostic }) => ({
      code,
      message: outward(message),
      argument: argument === undefined ? null : outward(argument),
      diagnostic: diagnostic === undefined ? null : diagnosticJson(diagnostic, outward),
    }));
    return { ...shared, lowered: false, refusals };
  }
  const { event, lowered } = lowering;
  return {
    ...shared,
    lowered: true,
    changed: lowered.changed,
    lines: lowered.lines.map(outward),
    tracepoint: lowered.tracepoint ?? null,
    event: eventJson(event, outward),
    arguments: argumentsJson(lowering.event, lowered, outward),
  };
}

function argumentsJson(
  event: (Lowering & { ok: true })['event'],
  lowered: LoweredEvent,
  outward: (bytes: string) => string,
): object[] {
  return lowered.args.map((argument, index) => ({
    name: outward(argument.name),
    original: outward(argument.original),
    lowered: outward(argument.lowered),
    pieces: piecesOf(event, event.args[index]!, argument).map(({ text, meaning }) => ({
      text: outward(text),
      meaning: outward(meaning),
    })),
  }));
}
