import {
  type Diagnostic,
  fromByteString,
  type Judgement,
  type ProbeEvent,
  type Suggestion,
  toByteString,
  type Warning,
} from '../language/index.js';

// Verdicts for programs, in the schema of docs/cli.md.

/** Version of the schemas of `check`, `explain`, `list` and `clean`. */
export const CLI_JSON_VERSION = 1;

/** Bytes to the text of JSON. */
export type Outward = (bytes: string) => string;

/** How the texts of one answer are written: as UTF-8 where they are, else one character per byte, and said so. */
export function outwardFor(definition: string): { readonly outward: Outward; readonly enc?: 'latin1' } {
  const isText = toByteString(fromByteString(definition)) === definition;
  return isText ? { outward: fromByteString } : { outward: bytes => bytes, enc: 'latin1' };
}

/** The judgement as members of an object. */
export function judgementJson(judgement: Judgement, warnings: readonly Warning[], outward: Outward): object {
  if (judgement.accepted) {
    return {
      accepted: true,
      event: judgement.event === undefined ? null : eventJson(judgement.event, outward),
      warnings: warningsJson(warnings, outward),
    };
  }
  return {
    accepted: false,
    errno: judgement.errno,
    log: judgement.log.map(({ subsystem, message, caret, command }) => ({
      subsystem,
      message,
      caret: caret ?? null,
      command: outward(command),
    })),
    diagnostics: judgement.diagnostics.map(diagnostic => diagnosticJson(diagnostic, outward)),
  };
}

/** An event by what tells it from others. */
export function eventJson({ group, name, kind, isReturn, listing }: ProbeEvent, outward: Outward): object {
  return { group: outward(group), name: outward(name), kind, return: isReturn, listing: outward(listing) };
}

/** Warnings about an accepted definition. */
export function warningsJson(warnings: readonly Warning[], outward: Outward): object[] {
  return warnings.map(({ code, message, span, hints, suggestions }) => ({
    code,
    message: outward(message),
    span: { start: span.start, end: span.end },
    hints: hints.map(outward),
    suggestions: suggestionsJson(suggestions, outward),
  }));
}

function suggestionsJson(suggestions: readonly Suggestion[], outward: Outward): object[] {
  return suggestions.map(({ replacement, span }) => ({
    replacement: outward(replacement),
    span: { start: span.start, end: span.end },
  }));
}

/** All of a diagnostic; what the kernel leaves open is `null`. */
export function diagnosticJson(diagnostic: Diagnostic, outward: Outward): object {
  const { code, message, subsystem, errno, caret, command, span, hints, suggestions = [] } = diagnostic;
  return {
    code,
    message,
    subsystem: subsystem ?? null,
    errno,
    caret: caret ?? null,
    command: outward(command),
    span: { start: span.start, end: span.end },
    hints: hints.map(outward),
    suggestions: suggestionsJson(suggestions, outward),
  };
}
