import type { ValuesStyle } from '../formats/index.js';

/** A format that records are written in. */
interface RecordFormatEntry {
  readonly about: string;
  /** Values unless the user asks for others; `undefined`: the format has its own. */
  readonly values: ValuesStyle | undefined;
  /** Draws a timeline: may have counters. */
  readonly timeline: boolean;
  /** Nothing for a terminal. */
  readonly binary: boolean;
}

/** The formats of `report` and `trace`, by name. What writes them is in record-writer.ts, which the help need not load. */
export const recordFormats = {
  text: { about: "the kernel's own trace lines", values: undefined, timeline: false, binary: false },
  json: { about: 'docs/json-schema.md', values: 'rich', timeline: false, binary: false },
  csv: { about: 'docs/cli.md', values: 'plain', timeline: false, binary: false },
  parquet: {
    about: 'the same table for databases; needs the package hyparquet-writer',
    values: 'plain',
    timeline: false,
    binary: true,
  },
  chrome: { about: 'a timeline as JSON, docs/exports.md', values: 'rich', timeline: true, binary: false },
  perfetto: { about: 'a timeline for ui.perfetto.dev', values: 'rich', timeline: true, binary: true },
} as const satisfies Record<string, RecordFormatEntry>;

export type RecordFormat = keyof typeof recordFormats;

export const formatNames = Object.keys(recordFormats) as readonly RecordFormat[];

/** Does this format, with the values that the user asks for, say what values mean? */
export function isRich(format: RecordFormat, values: ValuesStyle | undefined): boolean {
  const own = recordFormats[format].values;
  return own !== undefined && (values ?? own) === 'rich';
}
