import { BtfKind } from '../../btf/index.js';
import type { BtfUse, ProbeArgument, ProbeEvent } from '../event.js';
import { isText } from '../fetch-types.js';
import type { LoweredArgument } from './lowered.js';
import { entryArgument } from './meaning.js';

/** A piece of a lowered argument and what it stands for. */
export interface LoweredPiece {
  /** As it stands in the line: `$arg1`, `+40(`, `:string`. */
  readonly text: string;
  readonly meaning: string;
}

/** What each piece of a lowered argument stands for, in the order in which the kernel does it. */
export function piecesOf(
  event: ProbeEvent,
  argument: ProbeArgument,
  { lowered }: LoweredArgument,
): LoweredPiece[] {
  const [, opened = '', rest = ''] = /^((?:[+-]u?\w+\()*)(.*)$/.exec(lowered) ?? [];
  const [fetch = '', type] = splitType(rest);
  const root = fetch.replace(/\)+$/, '');
  const dereferences = (opened.match(/[+-]u?\w+\(/g) ?? []).reverse();
  const members = memberPaths(argument.btf);
  const pieces = [{ text: root, meaning: rootMeaning(event, argument) }];
  dereferences.forEach((text, index) => {
    pieces.push({ text, meaning: members[index] ?? beyondMembers(argument, index, dereferences.length) });
  });
  if (type !== undefined) pieces.push({ text: `:${type}`, meaning: typeMeaning(argument, type) });
  return pieces;
}

function splitType(text: string): [string, string | undefined] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** The members that each dereference reads: `f_path.dentry of struct file`. */
function memberPaths(btf: BtfUse | undefined): string[] {
  const paths: { fields: string[]; container: string }[] = [];
  for (const { separator, field, container } of btf?.steps ?? []) {
    if (separator === '->') paths.push({ fields: [field], container });
    else paths.at(-1)?.fields.push(field);
  }
  return paths.map(({ fields, container }) => `${fields.join('.')} of ${container}`);
}

function rootMeaning(event: ProbeEvent, { program, btf }: ProbeArgument): string {
  const [load] = program;
  if (load?.op === 'RETVAL') return 'what the function returns';
  if (load?.op !== 'ARG' && load?.op !== 'EDATA') return 'as it was';
  const index = load.op === 'ARG' ? load.index : entryArgument(event, load.offset);
  const saved = load.op === 'EDATA' ? ', saved at its entry' : '';
  const { prototype } = event;
  const parameter = index === undefined ? undefined : prototype?.btf.parameters(prototype.proto)[index];
  if (prototype === undefined || parameter === undefined) return `a parameter of the function${saved}`;
  return `${prototype.btf.declaration(parameter.type, parameter.name || btf?.root || '')}${saved}`;
}

/** A dereference that no member stands for. */
function beyondMembers({ type }: ProbeArgument, index: number, count: number): string {
  return isText(type) && index === count - 1 ? 'the text that it points to' : 'the word that it points to';
}

function typeMeaning({ type, btf, count, body }: ProbeArgument, written: string): string {
  const [, width, from, container] = /^b(\d+)@(\d+)\/(\d+)/.exec(written) ?? [];
  const array = count > 0 ? `, ${count} times` : '';
  if (width !== undefined)
    return `${width} ${width === '1' ? 'bit' : 'bits'} from bit ${from} of a ${container}-bit word${array}`;
  if (type.kind === 'char') return `a byte; btfprobe shows it as a character${array}`;
  if (btf === undefined || body.includes(':')) return `the type as it was${array}`;
  const isPlain = btf.btf.kind(btf.btf.skipModifiers(btf.type)) === BtfKind.Int;
  return `${btf.btf.declaration(btf.type, '')}${isPlain ? '' : `, kept as ${type.name}`}${array}`;
}
