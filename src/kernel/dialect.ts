import type { DialectFeatures } from './types.js';

/** What tells each feature: a piece of the README text in the root of tracefs (spec 06 section 1, spec 14.3). */
const fragments: Readonly<Record<keyof DialectFeatures, string>> = {
  fprobe: 'f[:[<group>/][<event>]] <func-name>[%return] [<args>]',
  tprobe: 't[:[<group>/][<event>]] <tracepoint> [<args>]',
  eprobe: 'e[:[<group>/][<event>]] <attached-group>.<attached-event> [<args>]',
  eprobeFilter: '[if <filter>]',
  btfArgs: '<argname>',
  btfFields: '<argname>[->field[->field|.field...]]',
  functionArgs: '$arg<N>',
  returnArgs: 'kernel return probes support: $retval, $arg<N>',
  userDeref: '+|-[u]<offset>(<fetcharg>)',
  immediates: '\\imm-value',
  ustring: 'ustring',
  symstr: 'symstr',
  charType: 'char',
  dentryPath: '%pd/%pD',
  arrays: '<type>\\[<array-size>\\]',
  appendEvents: 'Create/append/remove/show',
};

/** Types are words of the README's `type:` paragraph: the same words stand elsewhere in the text with other meanings. */
const typeFeatures: ReadonlySet<string> = new Set(['ustring', 'symstr', 'charType', 'dentryPath', 'arrays']);

/** Names of all features, in the order of the `DialectFeatures` interface. */
export const dialectFeatures = Object.keys(fragments) as readonly (keyof DialectFeatures)[];

/**
 * What a kernel's probe language understands, read from the text of its tracefs `README` (spec 06 section 1).
 * A text that is no such README gives a dialect without any feature.
 */
export function dialectFromReadme(text: string): DialectFeatures {
  const types = typeParagraph(text);
  const has = (feature: keyof DialectFeatures) => {
    const place = typeFeatures.has(feature) ? types : text;
    if (feature === 'charType') return /(^|[\s,])char([\s,]|$)/.test(place);
    return place.includes(fragments[feature]);
  };
  return buildDialect(has);
}

/** A dialect from a predicate over its features. */
export function buildDialect(has: (feature: keyof DialectFeatures) => boolean): DialectFeatures {
  return Object.fromEntries(
    dialectFeatures.map(feature => [feature, has(feature)]),
  ) as unknown as DialectFeatures;
}

/** From the line that begins with `type:` to the next line that is a `keyword: ...` or another file's heading. */
function typeParagraph(text: string): string {
  const lines = text.split('\n');
  const first = lines.findIndex(line => /^\s*type:/.test(line));
  if (first < 0) return '';
  let end = first + 1;
  while (end < lines.length && !/^\s*[a-z][a-z ]*:|^ {0,2}\S/.test(lines[end]!)) end++;
  return lines.slice(first, end).join('\n');
}
