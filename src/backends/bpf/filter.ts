import type { FilterExpression, FilterTerm, NumberOperator, ProbeEvent } from '../../language/index.js';
import { BackendError } from '../error.js';
import type { Assembler, Condition, Label, Width } from './assembler.js';
import { type FetchSteps, isKnownText } from './fetch-steps.js';
import type { Register } from './instruction.js';
import { commBytes, lastTextStart, longestText, type WireLayout, wireHead } from './wire-layout.js';

// A filter as the kernel would ask it of the record (spec 14 section 7), compiled: it looks at the record where it is made,
// before it goes to the ring buffer. What could not be read passes no comparison.

/** Bytes behind the longest record that comparisons may look at. */
export const filterSlack = 512;

/** Where a filter's field lies in what is being made, from its start. */
type Place =
  | {
      readonly kind: 'number';
      readonly at: number;
      readonly width: Width;
      readonly signed: boolean;
      /** A byte other than 0 there: it was not read. */
      readonly fault: number | undefined;
    }
  /** A `__data_loc`, whose offset counts from the probe record. */
  | { readonly kind: 'text'; readonly at: number }
  /** A text with a NUL in so many bytes. */
  | { readonly kind: 'fixed text'; readonly at: number; readonly size: number }
  | { readonly kind: 'constant'; readonly text: string };

const conditions: Readonly<Record<NumberOperator, { unsigned: Condition; signed: Condition }>> = {
  '==': { unsigned: '==', signed: '==' },
  '!=': { unsigned: '!=', signed: '!=' },
  '<': { unsigned: '<', signed: 's<' },
  '<=': { unsigned: '<=', signed: 's<=' },
  '>': { unsigned: '>', signed: 's>' },
  '>=': { unsigned: '>=', signed: 's>=' },
  '&': { unsigned: '&', signed: '&' },
};

/** Writes the instructions of a filter. */
export class FilterCode {
  readonly #assembler: Assembler;
  readonly #record: Register;
  readonly #event: ProbeEvent;
  readonly #steps: readonly FetchSteps[];
  readonly #layout: WireLayout;

  /** `record`: the register that points to what is being made. */
  constructor(
    assembler: Assembler,
    record: Register,
    event: ProbeEvent,
    steps: readonly FetchSteps[],
    layout: WireLayout,
  ) {
    this.#assembler = assembler;
    this.#record = record;
    this.#event = event;
    this.#steps = steps;
    this.#layout = layout;
  }

  /** Goes to `yes` or `no`. Throws a `BackendError` for what is not made of eBPF. */
  test(expression: FilterExpression, yes: Label, no: Label): void {
    switch (expression.kind) {
      case 'not':
        return this.test(expression.operand, no, yes);
      case 'and':
      case 'or': {
        const more = this.#assembler.label();
        if (expression.kind === 'and') this.test(expression.left, more, no);
        else this.test(expression.left, yes, more);
        this.#assembler.bind(more);
        return this.test(expression.right, yes, no);
      }
      default:
        return this.#term(expression, yes, no);
    }
  }

  #term(term: FilterTerm, yes: Label, no: Label): void {
    if (term.kind === 'special') throw this.#cannot(term.text);
    const place = this.#placeOf(term.field);
    if (term.kind === 'number' && place?.kind === 'number')
      return this.#number(place, term.operator, term.value, yes, no);
    if (term.kind === 'text' && place !== undefined && place.kind !== 'number')
      return this.#text(place, term, yes, no);
    throw this.#cannot(term.field);
  }

  #placeOf(name: string): Place | undefined {
    const { recordStart, faults, symbolAddresses } = this.#layout;
    const index = this.#event.args.findIndex(argument => argument.name === name);
    const argument = this.#event.args[index];
    if (argument === undefined) return this.#genericPlace(name);
    const steps = this.#steps[index]!;
    if (symbolAddresses.has(index)) return undefined;
    if (isKnownText(steps)) {
      if (steps.load.op === 'DATA') return { kind: 'constant', text: steps.load.text };
      return { kind: 'fixed text', at: wireHead.comm, size: commBytes };
    }
    const at = recordStart + argument.offset;
    if (steps.store.op === 'ST_STRING' || steps.store.op === 'ST_USTRING') return { kind: 'text', at };
    const field = this.#event.layout.fields.find(one => one.name === name);
    if (field === undefined || field.array !== undefined || !isWidth(field.size)) return undefined;
    return { kind: 'number', at, width: field.size, signed: field.signed, fault: faults.get(index) };
  }

  #genericPlace(name: string): Place | undefined {
    switch (name) {
      case 'CPU':
      case 'cpu':
      case 'common_cpu':
        return { kind: 'number', at: wireHead.cpu, width: 4, signed: true, fault: undefined };
      case 'COMM':
      case 'comm':
        return { kind: 'fixed text', at: wireHead.comm, size: commBytes };
      case 'common_pid':
        // On the way the record's second word holds thread and process.
        return { kind: 'number', at: this.#layout.recordStart + 8, width: 4, signed: true, fault: undefined };
      default:
        return undefined;
    }
  }

  #number(
    { at, width, signed, fault }: Place & { kind: 'number' },
    operator: NumberOperator,
    value: bigint,
    yes: Label,
    no: Label,
  ): void {
    const assembler = this.#assembler;
    if (fault !== undefined) {
      assembler.load(1, 1, this.#record, fault);
      assembler.jumpIf(1, '!=', 0, no);
    }
    assembler.load(width, 1, this.#record, at);
    const bits = 8 * width;
    if (signed && width < 8) {
      assembler.operate('<<=', 1, 64 - bits);
      assembler.operate('s>>=', 1, 64 - bits);
    }
    assembler.constant(2, signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
    assembler.jumpIfBy(1, conditions[operator][signed ? 'signed' : 'unsigned'], 2, yes);
    assembler.jump(no);
  }

  #text(
    place: Exclude<Place, { kind: 'number' }>,
    { operator, value, field }: FilterTerm & { kind: 'text' },
    yes: Label,
    no: Label,
  ): void {
    const wanted = operator === '~' ? patternOf(value) : { form: 'whole' as const, text: value, not: false };
    if (wanted === undefined)
      throw this.#cannot(`the pattern ${JSON.stringify(value)}: eBPF looks at a text's start or end`);
    const isNot = wanted.not !== (operator === '!=');
    const [same, other] = isNot ? [no, yes] : [yes, no];
    if (place.kind === 'constant') {
      this.#assembler.jump(matches(place.text, wanted) ? same : other);
      return;
    }
    if (place.kind === 'fixed text') {
      if (wanted.form === 'end') throw this.#cannot(`the end of ${field}`);
      this.#assembler.move(3, this.#record);
      this.#assembler.add(3, place.at);
      this.#compare(wanted, place.size, same, other);
      return;
    }
    this.#locate(place.at, wanted, other, no);
    this.#compare(wanted, longestText, same, other);
  }

  /** Points r3 to a text, or to where its end would have to begin. */
  #locate(at: number, { form, text }: Wanted, other: Label, unread: Label): void {
    const assembler = this.#assembler;
    assembler.load(4, 1, this.#record, at);
    assembler.move(2, 1);
    assembler.operate('>>=', 2, 16);
    assembler.jumpIf(2, '==', 0, unread);
    let last = lastTextStart;
    if (form === 'end') {
      // Its length counts the NUL.
      assembler.jumpIf(2, '<=', text.length, other);
      assembler.add(2, -(text.length + 1));
      assembler.operateBy('+=', 1, 2);
      last += longestText;
    }
    // The verifier is shown how far it may lie.
    assembler.operate('&=', 1, last);
    assembler.move(3, this.#record);
    assembler.operateBy('+=', 3, 1);
    assembler.add(3, this.#layout.recordStart);
  }

  /** Compares the bytes at r3, of which there are so many. */
  #compare({ form, text }: Wanted, size: number, same: Label, other: Label): void {
    const assembler = this.#assembler;
    const bytes = form === 'start' ? text : `${text}\0`;
    if (bytes.length > size && form !== 'whole') return assembler.jump(other);
    for (let at = 0; at < bytes.length && at < size; ) {
      const width = ([8, 4, 2, 1] as const).find(one => at + one <= Math.min(bytes.length, size))!;
      assembler.load(width, 1, 3, at);
      assembler.constant(2, wordOf(bytes, at, width));
      assembler.jumpIfBy(1, '!=', 2, other);
      at += width;
    }
    assembler.jump(same);
  }

  #cannot(what: string): BackendError {
    const { group, name } = this.#event;
    return new BackendError('unsupported', `eBPF here does not filter by ${what}`, {
      definition: `${group}:${name}`,
      hints: [
        `${group}:${name} is filtered by numbers and texts: arguments that are no arrays, CPU, common_pid, comm; texts with ~ by 'START*' or '*END'`,
      ],
    });
  }
}

interface Wanted {
  readonly form: 'whole' | 'start' | 'end';
  readonly text: string;
  readonly not: boolean;
}

/** What the kernel makes of a pattern; `undefined` where more than a start or an end is asked for. */
function patternOf(pattern: string): Wanted | undefined {
  const not = pattern.startsWith('!');
  const text = not ? pattern.slice(1) : pattern;
  // Taken for an index, and compared whole.
  if (/^\d/.test(text)) return { form: 'whole', text, not };
  if (/^[^*?[\\]*$/.test(text)) return { form: 'whole', text, not };
  if (/^[^*?[\\]+\*$/.test(text)) return { form: 'start', text: text.slice(0, -1), not };
  if (/^\*[^*?[\\]*$/.test(text)) return { form: 'end', text: text.slice(1), not };
  return undefined;
}

function matches(text: string, { form, text: wanted }: Wanted): boolean {
  if (form === 'whole') return text === wanted;
  return form === 'start' ? text.startsWith(wanted) : text.endsWith(wanted);
}

function wordOf(bytes: string, at: number, width: number): bigint {
  let word = 0n;
  for (let i = width - 1; i >= 0; i--) word = (word << 8n) | BigInt(bytes.charCodeAt(at + i));
  return word;
}

function isWidth(size: number): size is Width {
  return size === 1 || size === 2 || size === 4 || size === 8;
}
