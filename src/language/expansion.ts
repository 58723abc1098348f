import type { Btf, TypeId } from '../btf/index.js';
import { BtfKind } from '../btf/index.js';
import type { ArgumentContext } from './context.js';
import { scanNumber } from './numbers.js';
import type { Prototype } from './prototype.js';
import { refuse, refuseSilently } from './refusal.js';
import { digitAt, type TextNode } from './syntax.js';

// Rewriting of argument words before they are parsed: `$arg*`, `$argN`, `:%pd`, `:%pD` (spec 01 section 6.1, 02 section 6).

/** Bytes for all generated names together, a NUL behind each. */
const nameBytes = 128;
/** Bytes for all rewritten `%pd` words together, a NUL behind each. */
const dentryBytes = 256;

/** Words with `$arg*` and `$argN` replaced by parameter names; `undefined` where nothing is to replace. */
export function expandArgumentWords(
  words: readonly TextNode[],
  context: ArgumentContext,
): TextNode[] | undefined {
  if (!context.kernel.dialect.btfArgs) return undefined;
  const { found, star } = scanArgumentWords(words, context);
  if (!found) return undefined;
  const prototype = context.prototype.get();
  if (prototype === undefined || prototype.parameters.length === 0) {
    // The index of the log still stands on the last word that was seen.
    const last = words.findLastIndex(word => word.text.startsWith('$arg'));
    if (star !== undefined) refuse('NOSUP_BTFARG', last + 2, 0, 'EOPNOTSUPP', words[last]?.span);
    return undefined;
  }
  return rewrite(words, star, prototype);
}

function scanArgumentWords(
  words: readonly TextNode[],
  context: ArgumentContext,
): { found: boolean; star: number | undefined } {
  let found = false;
  let star: number | undefined;
  const { site, kernel } = context;
  const elsewhere = site === 'body' || (site === 'return' && !kernel.dialect.returnArgs);
  words.forEach((word, i) => {
    if (!word.text.startsWith('$arg')) return;
    if (elsewhere) refuse('NOFENTRY_ARGS', i + 2, 0, 'EINVAL', word.span);
    found = true;
    if (digitAt(word.text, 4)) return;
    if (word.text[4] !== '*') refuse('BAD_VAR', i + 2, 0, 'EINVAL', word.span);
    if (star !== undefined) refuse('DOUBLE_ARGS', i + 2, 0, 'EINVAL', word.span);
    star = i;
  });
  return { found, star };
}

function rewrite(words: readonly TextNode[], star: number | undefined, prototype: Prototype): TextNode[] {
  let used = 0;
  return words.flatMap((word, i): TextNode[] => {
    const replaced = (text: string): TextNode => {
      if (used + text.length >= nameBytes) refuse('ARGS_2LONG', i + 2, 0, 'E2BIG', word.span);
      used += text.length + 1;
      return { text, span: word.span };
    };
    if (i === star) return prototype.parameters.map(parameter => replaced(parameter.name));
    if (!word.text.startsWith('$arg')) return [word];
    const { value, end } = scanNumber(word.text, 4, 10);
    if (end < word.text.length && word.text[end] !== ':') refuse('BAD_VAR', i + 2, 0, 'ENOENT', word.span);
    if (BigInt.asUintN(32, value) === 0n) refuse('BAD_ARG_NUM', i + 2, 0, 'EINVAL', word.span);
    const index = Number(BigInt.asIntN(32, value - 1n));
    if (index >= prototype.parameters.length) refuse('NO_BTFARG', i + 2, 0, 'ENOENT', word.span);
    const name = parameterName(prototype, index) ?? refuse('NO_BTF_ENTRY', i + 2, 0, 'ENOENT', word.span);
    return [replaced(name + word.text.slice(end))];
  });
}

/** A number that is negative as 32 bits makes the kernel read in front of the list (docs/kernel-behaviour.md). */
function parameterName({ btf, id, hidden, parameters }: Prototype, index: number): string | undefined {
  return index >= 0 ? parameters[index]?.name : btf.strayName(id, 2 * (hidden + index));
}

/** Words with the suffixes `:%pd` and `:%pD` written out; the same array where there is none. */
export function expandDentryWords(words: readonly TextNode[], types: Btf | undefined): readonly TextNode[] {
  if (!words.some(word => dentrySuffix(word.text) !== undefined)) return words;
  const offsets = dentryOffsets(types);
  let used = 0;
  return words.map(word => {
    const suffix = dentrySuffix(word.text);
    if (suffix === undefined) return word;
    const equals = word.text.indexOf('=');
    const fetch = word.text.slice(equals + 1, -4);
    const dentry = suffix === 'd' ? fetch : `+0x${offsets.dentry.toString(16)}(${fetch})`;
    const text = `${word.text.slice(0, equals + 1)}+0x0(+0x${offsets.name.toString(16)}(${dentry})):string`;
    if (used + text.length >= dentryBytes) refuseSilently('ENOMEM');
    used += text.length + 1;
    return { text, span: word.span };
  });
}

function dentrySuffix(text: string): 'd' | 'D' | undefined {
  return text.endsWith(':%pd') ? 'd' : text.endsWith(':%pD') ? 'D' : undefined;
}

/** Bytes of `d_name.name` in `struct dentry` and of `f_path.dentry` in `struct file`. */
function dentryOffsets(types: Btf | undefined): { name: number; dentry: number } {
  return {
    name: types === undefined ? 0 : offsetOf(types, 'dentry', ['d_name', 'name']),
    dentry: types === undefined ? 0 : offsetOf(types, 'file', ['f_path', 'dentry']),
  };
}

function offsetOf(types: Btf, struct: string, path: readonly string[]): number {
  let type: TypeId | undefined = types.find(struct, BtfKind.Struct);
  let bits = 0;
  for (const name of path) {
    const member = type === undefined ? undefined : types.findMember(types.skipModifiers(type), name);
    if (member === undefined) return 0;
    bits += member.bitOffset;
    type = member.type;
  }
  return bits / 8;
}
