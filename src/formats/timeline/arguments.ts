import { fromByteString } from '../../language/index.js';
import {
  type AddressValue,
  type FieldValue,
  meaningText,
  type SymbolNames,
  type TracedEvent,
  type TraceRecord,
  TypedValueReader,
  ValueReader,
} from '../../records/index.js';
import type { Pointer, TimelineArgument, TimelineValue } from './sink.js';

/** What the arguments are read with. */
export interface ArgumentOptions {
  readonly symbols: SymbolNames;
  readonly littleEndian: boolean;
  /** Says beside values what they mean. */
  readonly rich: boolean;
}

/** The names that one field's arguments have. */
interface FieldNames {
  readonly name: string;
  readonly typed: string;
  readonly state: string;
  readonly hex: boolean;
}

/** Reads the fields of records as arguments of a timeline. */
export class ArgumentReader {
  readonly #values: TypedValueReader;
  readonly #shapes: ValueReader;
  readonly #rich: boolean;
  readonly #names = new Map<TracedEvent, ReadonlyMap<string, FieldNames>>();

  constructor(options: ArgumentOptions) {
    this.#values = new TypedValueReader(options);
    this.#shapes = new ValueReader(options);
    this.#rich = options.rich;
  }

  /** The arguments of a record; nothing in them refers to its bytes. */
  read(record: TraceRecord): readonly TimelineArgument[] {
    const { args: values } = this.#values.read(record);
    const args: TimelineArgument[] = [];
    for (const [field, names] of this.#namesOf(record.event)) {
      const { value, recorded, meaning, state } = values[field]!;
      args.push({ name: names.name, value: timelineValue(this.#rich ? value : recorded, names.hex) });
      if (this.#rich && meaning !== undefined) {
        const text = meaningText(meaning);
        if (text !== '') args.push({ name: names.typed, value: text });
      }
      // That a source cannot tell is so of most numbers.
      if (state.state === 'ok' || state.state === 'unknown') continue;
      if (this.#rich || value === null) args.push({ name: names.state, value: state.state });
    }
    return args;
  }

  #namesOf(event: TracedEvent): ReadonlyMap<string, FieldNames> {
    let names = this.#names.get(event);
    if (names === undefined) {
      names = new Map(
        this.#shapes.shapeOf(event).fields.map(({ name: field, shape }) => {
          const name = fromByteString(field);
          const hex = (shape.kind === 'number' || shape.kind === 'numbers') && shape.style === 'hex';
          return [field, { name, typed: `${name}.typed`, state: `${name}.state`, hex }];
        }),
      );
      this.#names.set(event, names);
    }
    return names;
  }
}

function timelineValue(value: FieldValue, hex: boolean): TimelineValue {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return hex ? { pointer: BigInt(value), symbol: undefined } : value;
  }
  if (typeof value === 'string' || value === null) return value;
  return isList(value) ? value.map(element => timelineValue(element, hex)) : pointerOf(value);
}

function isList(value: AddressValue | readonly FieldValue[]): value is readonly FieldValue[] {
  return Array.isArray(value);
}

function pointerOf({ address, symbol }: AddressValue): Pointer {
  return {
    pointer: address,
    symbol: symbol && fromByteString(`${symbol.name}+0x${symbol.offset.toString(16)}`),
  };
}
