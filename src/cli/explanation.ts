import type { EventField, FunctionTypes, Kernel } from '../kernel/index.js';
import {
  type BtfUse,
  type FetchOp,
  type FetchProgram,
  formatFieldLine,
  type MemberStep,
  type ProbeArgument,
  type ProbeEvent,
  type ProbePlace,
} from '../language/index.js';
import { describeOp } from './fetch-op-text.js';
import type { Outward } from './judgement-json.js';

// What an accepted definition becomes, as plain data: printed as JSON as it is, and told to people by explanation-text.

export interface Explanation {
  readonly kernel: { readonly name: string; readonly release: string };
  readonly event: ExplainedEvent;
  /** The prototype of the probed function; `null` where there is none, or BTF does not know it. */
  readonly function: { readonly declaration: string; readonly module: string | null } | null;
  readonly arguments: readonly ExplainedArgument[];
  /** What is saved at function entry for use at return; empty without. */
  readonly entryProgram: readonly ExplainedOp[];
  readonly record: ExplainedRecord;
}

export interface ExplainedEvent {
  readonly group: string;
  readonly name: string;
  readonly kind: string;
  readonly return: boolean;
  readonly place: { readonly [fact: string]: string | number | boolean | null };
  /** 0: not given. */
  readonly maxactive: number;
  readonly listing: string;
}

export interface ExplainedArgument {
  readonly name: string;
  /** As the kernel lists it. */
  readonly body: string;
  readonly fetchType: string;
  /** Elements; 0: not an array. */
  readonly count: number;
  /** Bytes from the start of the record. */
  readonly offset: number;
  readonly size: number;
  /** Where its type comes from; `null` where BTF is not used. */
  readonly btf: ExplainedChain | null;
  readonly program: readonly ExplainedOp[];
}

export interface ExplainedChain {
  /** Name of the parameter, or `$retval`. */
  readonly root: string;
  /** C declaration of the root. */
  readonly declaration: string;
  readonly steps: readonly ExplainedStep[];
  /** C type of the whole. */
  readonly type: string;
}

export interface ExplainedStep {
  readonly separator: string;
  readonly field: string;
  readonly container: string;
  readonly declaration: string;
  /** Bytes from the start of `container`. */
  readonly offset: number;
  /** Bits behind `offset`, and width; only of a bit field. */
  readonly bits?: { readonly from: number; readonly width: number };
}

export interface ExplainedOp {
  readonly op: string;
  readonly text: string;
  readonly meaning: string;
}

export interface ExplainedRecord {
  /** Bytes without the strings behind. */
  readonly size: number;
  readonly fields: readonly ExplainedField[];
  /** Lines of the `format` file. */
  readonly format: readonly string[];
  readonly printFmt: string;
}

export interface ExplainedField {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
}

/** Gathers all that a compiled event tells. `outward` turns its byte strings into text. */
export function explainEvent(kernel: Kernel, event: ProbeEvent, outward: Outward): Explanation {
  using found = event.prototype === undefined ? findPrototype(kernel, event.place) : undefined;
  const prototype = event.prototype ?? found;
  const parameters = prototype?.btf.parameters(prototype.proto).map(({ name }) => name) ?? [];
  const program = (ops: FetchProgram): ExplainedOp[] => ops.map(op => explainOp(op, parameters, outward));
  const all = [...event.layout.common, ...event.layout.fields];
  return {
    kernel: { name: kernel.name, release: kernel.release },
    event: explainPlace(event, outward),
    function: prototype === undefined ? null : declare(prototype),
    arguments: event.args.map(arg => explainArgument(arg, program, outward)),
    entryProgram: program(event.entryProgram),
    record: {
      size: Math.max(...all.map(({ offset, size }) => offset + size)),
      fields: all.map(field => explainField(field, outward)),
      format: all.map(field => outward(formatFieldLine(field))),
      printFmt: outward(event.layout.printFmt),
    },
  };
}

/** A definition that uses no names has no prototype of its own. */
function findPrototype(kernel: Kernel, place: ProbePlace): FunctionTypes | undefined {
  return place.kind === 'function' || place.kind === 'kprobe' ? kernel.findFunction(place.symbol) : undefined;
}

function explainPlace(event: ProbeEvent, outward: Outward): ExplainedEvent {
  const { kind, isReturn, maxactive } = event;
  return {
    group: outward(event.group),
    name: outward(event.name),
    kind,
    return: isReturn,
    place: plain(event.place, outward),
    maxactive,
    listing: outward(event.listing),
  };
}

function plain(place: ProbePlace, outward: Outward): ExplainedEvent['place'] {
  const facts = Object.entries(place) as [string, string | number | boolean | bigint | undefined][];
  return Object.fromEntries(
    facts.map(([name, fact]) => {
      if (typeof fact === 'bigint') return [name, `0x${fact.toString(16)}`];
      return [name, typeof fact === 'string' ? outward(fact) : (fact ?? null)];
    }),
  );
}

function declare({ btf, func, proto, handle }: FunctionTypes): NonNullable<Explanation['function']> {
  return { declaration: btf.declaration(proto, btf.nameOf(func)), module: handle?.module ?? null };
}

function explainArgument(
  arg: ProbeArgument,
  program: (ops: FetchProgram) => ExplainedOp[],
  outward: Outward,
): ExplainedArgument {
  return {
    name: outward(arg.name),
    body: outward(arg.body),
    fetchType: arg.type.name,
    count: arg.count,
    offset: arg.offset,
    size: arg.size,
    btf: arg.btf === undefined ? null : explainChain(arg.btf),
    program: program(arg.program),
  };
}

function explainChain({ btf, root, rootType, steps, type }: BtfUse): ExplainedChain {
  return {
    root,
    declaration: root.startsWith('$') ? btf.typeName(rootType) : btf.declaration(rootType, root),
    steps: steps.map(step => explainStep(step, btf)),
    type: btf.typeName(type),
  };
}

function explainStep(
  { separator, field, container, bitOffset, bitfieldWidth, type }: MemberStep,
  btf: BtfUse['btf'],
): ExplainedStep {
  const declaration = btf.declaration(type, field);
  return {
    separator,
    field,
    container,
    declaration: bitfieldWidth > 0 ? `${declaration} : ${bitfieldWidth}` : declaration,
    offset: Math.floor(bitOffset / 8),
    ...(bitfieldWidth > 0 && { bits: { from: bitOffset % 8, width: bitfieldWidth } }),
  };
}

function explainOp(op: FetchOp, parameters: readonly string[], outward: Outward): ExplainedOp {
  const readable = op.op === 'DATA' ? { ...op, text: outward(op.text) } : op;
  return { op: op.op, ...describeOp(readable, parameters) };
}

function explainField(
  { name, type, array, offset, size, signed }: EventField,
  outward: Outward,
): ExplainedField {
  const suffix = array === undefined ? '' : `[${array}]`;
  return { name: outward(name), type: outward(`${type}${suffix}`), offset, size, signed };
}
