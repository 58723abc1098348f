import type { FileFacts, Kernel } from '../kernel/index.js';
import type { Word } from './command.js';
import type { ArgumentContext } from './context.js';
import {
  compileArguments,
  createEvent,
  judgeName,
  type RegisterEvent,
  unnamed,
  withinLimit,
} from './create-event.js';
import { EntryArguments } from './entry-arguments.js';
import type { ProbePlace } from './event.js';
import type { Judgement } from './judgement.js';
import { recordHeadSize } from './layout.js';
import { kernelLimits } from './limits.js';
import { LineJudge } from './line-judge.js';
import { parseUnsigned } from './numbers.js';
import { PrototypeQuery } from './prototype.js';
import { refuse } from './refusal.js';
import { digitAt, type ProbeSyntax } from './syntax.js';

/**
 * Judges a `p` or `r` line of at least two words as a uprobe (spec 05 section 5). `undefined`: not a uprobe either.
 */
export function judgeUserProbe(
  syntax: ProbeSyntax,
  kernel: Kernel,
  register: RegisterEvent,
): Judgement | undefined {
  const [first, placeWord, ...written] = syntax.command.words;
  if (first === undefined || placeWord === undefined) return undefined;
  const judge = new LineJudge(syntax, 'trace_uprobe', kernel);
  const argWords = judge.attempt(() => withinLimit(written, kernel));
  if (argWords === undefined) return judge.refused();
  const colon = placeWord.text.lastIndexOf(':');
  if (!placeWord.text.includes('/') || colon < 0 || !digitAt(placeWord.text, colon + 1)) return undefined;

  const found = judge.attempt(() => judgeUserPlace(placeWord, colon, kernel.fileFacts));
  // A name is read only where it follows the letter at once.
  const name = first.text[1] === ':' ? judge.attempt(() => judgeName(syntax, kernel)) : unnamed;
  const isReturn = syntax.kind === 'r' || found?.suffixed === true;
  const context: ArgumentContext = {
    kernel,
    family: 'uprobe',
    site: isReturn ? 'return' : 'body',
    prototype: new PrototypeQuery(kernel, undefined, 0),
    entryArguments: new EntryArguments(),
    eventFields: [],
    limits: kernelLimits,
  };
  const kind = syntax.kind as 'p' | 'r';
  const args = compileArguments(judge, argWords, context, recordHeadSize(kind, isReturn));
  if (judge.failed || found === undefined) return judge.refused();
  const event = createEvent(kind, { place: found.place, isReturn }, name ?? unnamed, 0, args, context);
  judge.attempt(() => register(event));
  return judge.failed ? judge.refused() : { accepted: true, event };
}

function judgeUserPlace(
  word: Word,
  colon: number,
  files: FileFacts | undefined,
): { place: ProbePlace & { kind: 'uprobe' }; suffixed: boolean } {
  const fail = (...[code, at, errno]: [Parameters<typeof refuse>[0], number, string?]): never =>
    refuse(code, 1, at, errno ?? 'EINVAL', word.span);
  const path = word.text.slice(0, colon);
  const found = lookUpFile(path, files);
  if (found.errno !== undefined) fail('FILE_NOT_FOUND', 0, found.errno);
  if (found.kind !== 'regular') fail('NO_REGULAR_FILE', 0);

  let text = word.text.slice(colon + 1);
  let refCounter = 0n;
  const open = text.indexOf('(');
  if (open >= 0) {
    const close = text.indexOf(')', open);
    if (close < 0) fail('REFCNT_OPEN_BRACE', word.text.length);
    if (close + 1 < text.length) fail('BAD_REFCNT_SUFFIX', colon + 1 + close + 1);
    const counter = parseUnsigned(text.slice(open + 1, close));
    if (typeof counter === 'string') return fail('BAD_REFCNT', colon + 1 + open + 1, counter);
    refCounter = counter;
    text = text.slice(0, open);
  }
  const percent = text.indexOf('%');
  if (percent >= 0 && text.slice(percent) !== '%return') fail('BAD_ADDR_SUFFIX', colon + 1 + percent);
  const offset = parseUnsigned(percent < 0 ? text : text.slice(0, percent));
  if (typeof offset === 'string') return fail('BAD_UPROBE_OFFS', colon + 1, offset);
  const identity = found.identity;
  return { place: { kind: 'uprobe', path, offset, refCounter, identity }, suffixed: percent >= 0 };
}

const longestFileName = 255;

interface FoundFile {
  readonly errno?: string;
  readonly kind?: string;
  /** Equal for names of one file. */
  readonly identity: string;
}

/** What the facts say of a path, walked as the kernel does; a name they do not know is not there. */
function lookUpFile(written: string, facts: FileFacts | undefined): FoundFile {
  const whole = written.startsWith('/') ? written : `${facts?.cwd ?? '/'}/${written}`;
  const names = whole.split('/');
  let path = '';
  for (const [i, name] of names.entries()) {
    if (name.length > longestFileName) return { errno: 'ENAMETOOLONG', identity: path };
    const kind = kindOf(path, facts);
    if (kind === undefined) return { errno: 'ENOENT', identity: path };
    // Everything with a name or only a slash behind it is walked through.
    if (i > 0 && kind !== 'directory') return { errno: 'ENOTDIR', identity: path };
    if (name === '..') path = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    else if (name !== '' && name !== '.') path += `/${name}`;
  }
  const kind = kindOf(path, facts);
  if (kind === undefined) return { errno: 'ENOENT', identity: path };
  return { kind, identity: facts?.sameFile.includes(path) ? (facts.sameFile[0] ?? path) : path };
}

/** Facts name files; a folder is known by what lies in it. */
function kindOf(path: string, facts: FileFacts | undefined): string | undefined {
  if (path === '' || facts?.cwd === path) return 'directory';
  const known = facts?.files.get(path);
  if (known !== undefined || facts === undefined) return known;
  for (const file of facts.files.keys()) if (file.startsWith(`${path}/`)) return 'directory';
  return undefined;
}
