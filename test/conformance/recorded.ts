import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Answer, LoggedError, Question } from '../../src/language/index.js';

/** What a real kernel answered (test/data/README.md). */
export interface Recorded extends Question {
  readonly errno: string | null;
  readonly log: LoggedError | null;
  readonly logs?: readonly LoggedError[];
  /** Absent where it was not recorded. */
  readonly listing?: readonly string[];
  readonly setupErrno?: readonly (string | null)[];
  readonly event?: string;
  readonly format?: { readonly fields: readonly string[]; readonly printFmt: string };
  readonly tags?: readonly string[];
  readonly unstable?: readonly string[];
}

/** Cases of a recorded corpus, its header left out. */
export function readCorpus(path: string | URL): Recorded[] {
  const bytes = readFileSync(path);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
  const lines = text.split('\n').filter(line => line !== '');
  return lines.map(line => JSON.parse(line) as Recorded & { header?: true }).filter(record => !record.header);
}

export type Aspect = 'errno' | 'subsystem' | 'message' | 'caret' | 'command' | 'logs' | 'listing' | 'format';

/** The aspects in which an answer differs from the kernel's. A caret that the kernel leaves to chance is not compared. */
export function differences(answer: Answer, recorded: Recorded): Aspect[] {
  const different: Aspect[] = [];
  const unstable = new Set(recorded.unstable);
  const compare = (aspect: Aspect, ours: unknown, theirs: unknown): void => {
    if (!unstable.has(aspect) && JSON.stringify(ours) !== JSON.stringify(theirs)) different.push(aspect);
  };
  compare('errno', answer.errno, recorded.errno);
  compare('subsystem', answer.log?.subsystem, recorded.log?.subsystem);
  compare('message', answer.log?.message, recorded.log?.message);
  if (answer.log?.caret !== null) compare('caret', answer.log?.caret, recorded.log?.caret);
  compare('command', answer.log?.command, recorded.log?.command);
  if (!unstable.has('caret')) compare('logs', answer.logs, recorded.logs);
  if (recorded.listing !== undefined) compare('listing', answer.listing, recorded.listing);
  if (recorded.format !== undefined || recorded.errno !== null)
    compare('format', answer.format, recorded.format);
  return different;
}

/** How issue counting sorts a case: which definitions are judged here and which are counted apart. */
export function caseGroup(
  recorded: Recorded,
): 'plain' | 'setup' | 'unstable' | 'offset' | 'eprobe' | 'uprobe' | 'deletion' | 'other' {
  if (recorded.setup !== undefined) return 'setup';
  if (recorded.unstable !== undefined) return 'unstable';
  if (recorded.tags?.includes('offset')) return 'offset';
  const { def } = recorded;
  const subsystem = recorded.log?.subsystem;
  const listed = recorded.listing?.at(-1) ?? '';
  if (/^[-!]/.test(def)) return 'deletion';
  if (def.trimStart().startsWith('e')) return 'eprobe';
  if (subsystem === 'trace_uprobe' || /^[pr]:uprobes\/| \/[^ ]*:0x[0-9a-f]{16}/.test(listed)) return 'uprobe';
  const [, place = ''] = def.trim().split(/\s+/);
  if (/^[pr]/.test(def.trimStart()) && place.includes('/') && place.includes(':')) return 'uprobe';
  return /^[ftpr]/.test(def.trimStart()) ? 'plain' : 'other';
}
