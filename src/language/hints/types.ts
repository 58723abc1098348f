import { type Btf, BtfKind } from '../../btf/index.js';
import { FetchCompiler } from '../fetch-compiler.js';
import { fetchTypeNames, findFetchType } from '../fetch-types.js';
import { kernelLimits } from '../limits.js';
import { lowerDefinition } from '../lowering/lower.js';
import { fittingType } from '../lowering/value-type.js';
import type { ArgumentSyntax } from '../syntax.js';
import { missingFeature } from './features.js';
import { innermost, type Mistake } from './mistake.js';
import { nearestNames } from './nearest.js';
import { textKind } from './plain-form.js';
import { attempt, type Site } from './site.js';

// Hints about fetch types: BAD_TYPE, BAD_TYPE4STR, BAD_STRING, bit fields, arrays, and bodies that are too long.

/** What people write who think of C. */
const cTypes: Readonly<Record<string, string>> = {
  int: 's32',
  long: 's64',
  short: 's16',
  unsigned: 'u32',
  uint: 'u32',
  ulong: 'u64',
  size_t: 'u64',
  ssize_t: 's64',
  int8_t: 's8',
  int16_t: 's16',
  int32_t: 's32',
  int64_t: 's64',
  uint8_t: 'u8',
  uint16_t: 'u16',
  uint32_t: 'u32',
  uint64_t: 'u64',
  bool: 'u8',
  byte: 'u8',
  hex: 'x64',
  ptr: 'x64',
  pointer: 'x64',
  str: 'string',
  cstring: 'string',
  text: 'string',
  sym: 'symbol',
  i8: 's8',
  i16: 's16',
  i32: 's32',
  i64: 's64',
};

/** A type that does not exist, or not here. */
export function adviseOnType({ argument, kernel, site, advice }: Mistake): void {
  const type = argument?.type;
  if (argument === undefined || type === undefined) return;
  const { text, span } = type;
  const feature = (
    {
      char: 'charType',
      ustring: 'ustring',
      symstr: 'symstr',
      '%pd': 'dentryPath',
      '%pD': 'dentryPath',
    } as const
  )[text];
  const missing = feature === undefined ? undefined : missingFeature(kernel, feature);
  if (missing !== undefined) {
    advice.say(missing);
    return;
  }
  if (site.context.family === 'uprobe' && findFetchType(text) !== undefined) {
    advice.offer(`${text} is a type for kernel addresses; in programs take x64`, 'x64', span);
    return;
  }
  const natural = naturalType(site, argument);
  const meant = cTypes[text];
  if (/^b\d/.test(text)) {
    advice.say('a bit field is written bWIDTH@OFFSET/CONTAINER, CONTAINER 8, 16, 32 or 64: b3@2/32');
  } else if (meant !== undefined) {
    advice.offer(`the type of that is called ${meant}`, meant, span);
  } else if (text === '') {
    advice.say('behind : a type is missing');
  } else {
    const common = ['string', 'u64', 'u32', 's32', 's64', 'x64', 'u8', 'u16', 'x32'];
    const rank = (name: string): number => (name === natural ? -1 : common.indexOf(name) >>> 0);
    advice.near(nearestNames(text, fetchTypeNames, { limit: Math.max(1.2, text.length * 0.7), rank }), span);
  }
  if (natural !== undefined) {
    const whole = { start: span.start - 1, end: argument.array === undefined ? span.end : argument.span.end };
    advice.offer(`without a type it is stored as ${natural}, which is what its C type asks for`, '', whole);
  }
  advice.say(
    'types: u8 u16 u32 u64, s8 ..., x8 ..., char, string, ustring, symbol, symstr, bWIDTH@OFFSET/CONTAINER',
  );
}

/** The type that the kernel would choose for an argument by BTF. */
function naturalType(site: Site, argument: ArgumentSyntax): string | undefined {
  const value = compileFetch(site, argument)?.value;
  return value === undefined ? undefined : fittingType(value.btf, value.type);
}

/** Compiles what is fetched, without looking at the type. */
function compileFetch(site: Site, argument: ArgumentSyntax): FetchCompiler | undefined {
  const compiler = new FetchCompiler(site.context, 2, 0);
  return attempt(() => {
    compiler.compile(argument.fetch);
    return compiler;
  });
}

/** Text is asked for, and the C type is no text. */
export function adviseOnText({ argument, site, advice }: Mistake): void {
  if (argument?.type === undefined) return;
  const value = compileFetch(site, argument)?.value;
  if (value === undefined) return;
  const { btf, type } = value;
  const fetch = argument.fetch.text;
  const name = fetch.split(/->|\./).at(-1) ?? fetch;
  advice.say(
    `${fetch} is ${btf.declaration(type, name.replace(/^\$/, ''))}: neither a char array nor a pointer to char`,
  );
  const inside = textMembers(btf, type);
  const start = argument.fetch.span.end;
  for (const way of inside) advice.replace(way, { start, end: start });
  if (inside.length > 0) advice.say(`text in it: ${inside.map(way => `${fetch}${way}:string`).join(', ')}`);
  const dentry = btf.typeName(btf.skipModifiers(type));
  if (dentry === 'struct dentry *')
    advice.offer('the name of a dentry is read by the type %pd', '%pd', argument.type.span);
  if (dentry === 'struct file *')
    advice.offer('the name of a file is read by the type %pD', '%pD', argument.type.span);
  if (dentry === 'void *')
    advice.offer(`if there is text behind it: +0(${fetch}):string`, `+0(${fetch})`, argument.fetch.span);
  if (btf.kind(btf.skipModifiers(type)) !== BtfKind.Ptr) {
    const end = argument.span.end;
    advice.offer('without a type it is stored as its C type asks for', '', {
      start: argument.type.span.start - 1,
      end,
    });
  }
}

/** Members that hold text, of the struct that a value is or points to. */
function textMembers(btf: Btf, type: number): readonly string[] {
  const id = btf.skipModifiers(type);
  const isPointer = btf.kind(id) === BtfKind.Ptr;
  const struct = isPointer ? btf.skipModifiers(btf.referenced(id)) : id;
  if (btf.kind(struct) !== BtfKind.Struct && btf.kind(struct) !== BtfKind.Union) return [];
  const found: string[] = [];
  for (const member of btf.members(struct)) {
    if (member.name !== '' && textKind(btf, member.type) !== undefined && found.length < 3)
      found.push(`${isPointer ? '->' : '.'}${member.name}`);
  }
  return found;
}

/** `string` or an array on something that lies in no memory. */
export function adviseOnMemory({ argument, advice, site }: Mistake): void {
  if (argument === undefined) return;
  const fetch = argument.fetch.text;
  const type = argument.type?.text ?? '';
  const isText = type === 'string' || type === 'ustring';
  if (argument.fetch.node === 'dereference' && argument.fetch.user && argument.array !== undefined) {
    advice.say('arrays are read from kernel memory only: write +OFFSET(...) without u');
    return;
  }
  if (argument.array !== undefined && type === 'symstr') {
    advice.say('there are no arrays of symstr: use :symbol');
    return;
  }
  const what = isText ? 'text behind an address' : 'an array behind an address';
  const value = compileFetch(site, argument)?.value;
  const declared = value === undefined ? '' : `; ${fetch} is ${value.btf.declaration(value.type, '')}`;
  advice.offer(`${what} is read with +0(${fetch})${declared}`, `+0(${fetch})`, argument.fetch.span);
}

/** `symstr` on a constant, on user memory, on saved arguments. */
export function adviseOnSymbolText({ argument, advice, site }: Mistake): void {
  if (argument?.type === undefined) return;
  if (site.context.site === 'return')
    advice.say('at return arguments are copies saved at entry, which symstr does not take');
  advice.offer(
    `symbol prints an address as a name as well: ${argument.fetch.text}:symbol`,
    'symbol',
    argument.type.span,
  );
}

/** A bit field that does not fit its container. */
export function adviseOnBitfield({ argument, advice }: Mistake): void {
  const parts = /^b(\d*)@?(\w*)\/(\d+)$/.exec(argument?.type?.text ?? '');
  advice.say(
    'a bit field is written bWIDTH@OFFSET/CONTAINER: WIDTH bits from bit OFFSET of a number of CONTAINER bits',
  );
  if (parts !== null && Number(parts[1]) + Number(parts[2]) > Number(parts[3]))
    advice.say(
      `${parts[1]} bits from bit ${parts[2]} end at bit ${Number(parts[1]) + Number(parts[2])}, the container has ${parts[3]}`,
    );
}

/** Brackets behind a type. */
export function adviseOnArray({ diagnostic, argument, advice }: Mistake): void {
  const array = argument?.array;
  if (argument === undefined || array === undefined) return;
  switch (diagnostic.code) {
    case 'ARRAY_NO_CLOSE':
      advice.offer('the closing ] is missing', ']', { start: argument.span.end, end: argument.span.end });
      return;
    case 'BAD_ARRAY_SUFFIX':
      if (array.suffix !== undefined) advice.offer('nothing may follow the ]', '', array.suffix.span);
      return;
    case 'ARRAY_TOO_BIG':
      advice.offer('an array has 64 elements at most', '64', array.count.span);
      return;
    default:
      advice.say('between [ and ] stands the number of elements, 1 to 64');
  }
}

/** `$comm` and constant text are text whatever type is written. */
export function adviseOnTextOnly({ argument, advice }: Mistake): void {
  if (argument?.type === undefined) return;
  const whole = { start: argument.type.span.start - 1, end: argument.span.end };
  advice.offer(`${innermost(argument.fetch).text} is text: leave the type out, or write :string`, '', whole);
}

/** A body that is too long: by offsets it may fit. */
export function adviseOnLength({ argument, advice, kernel, syntax }: Mistake): void {
  const [head, place] = syntax.command.words;
  if (argument === undefined || head === undefined || place === undefined) return;
  const { body } = argument;
  advice.say(`${body.text.length} characters are written, ${kernelLimits.body} are allowed behind the name`);
  const lowering = lowerDefinition(kernel, `${head.text} ${place.text} ${argument.text}`);
  if (!lowering.ok) {
    const [refusal] = lowering.refusals;
    if (refusal?.code === 'too-long') advice.say(refusal.message);
    return;
  }
  lowering.event[Symbol.dispose]();
  const shorter = lowering.lowered.args[0]?.lowered;
  if (shorter === undefined) return;
  advice.offer(
    `the shorter form by offsets is ${shorter} (${shorter.length} characters, good for ${kernel.release})`,
    shorter,
    body.span,
  );
}

/** Records are limited. */
export function adviseOnSize({ advice, argument }: Mistake): void {
  advice.say('the arguments of one event may take 3072 bytes together');
  if (argument?.array !== undefined) advice.say('a smaller array, or a second event for the rest, fits');
}
