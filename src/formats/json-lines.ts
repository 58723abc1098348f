import type { EventField, FieldType } from '../kernel/index.js';
import type { FetchState } from '../language/index.js';
import {
  AddressText,
  type BodyWriter,
  type ByteRange,
  ByteText,
  bytesOf,
  EventShape,
  type FieldProblem,
  type FieldShape,
  FixedText,
  type FlagOffsets,
  fixedSize,
  flagCharacters,
  flagOffsets,
  isStored,
  isWide,
  type LostEvents,
  longestText,
  PageRecord,
  type RecordBatch,
  type ShapedField,
  type SymbolNames,
  stateOf,
  type TracedEvent,
  type TraceRecord,
} from '../records/index.js';
import { type FieldJson, generateJsonBody } from './json-body.js';
import { JsonText } from './json-text.js';
import { RichField, stateJson } from './rich-field.js';

/** The version of the lines' schema, the value of their member `v`: docs/json-schema.md. */
export const JSON_LINES_VERSION = 1;

/** How much is said of values. */
export type ValuesStyle = 'rich' | 'plain';

/** What `JsonLines` needs beside the records. */
export interface JsonLinesOptions {
  readonly symbols: SymbolNames;
  /** Byte order of the traced machine, default little endian. */
  readonly littleEndian?: boolean;
  /** Flag bit 0x02 means "lazy reschedule": kernels from 6.13 on (spec 12 section 2). Default false. */
  readonly lazyResched?: boolean;
  /**
   * `rich` (default): what `TracedEvent.types` tells stands in `typed` and `states`, and numbers are right where the
   * kernel's record is not. `plain`: values as they were recorded.
   */
  readonly values?: ValuesStyle;
}

interface EventJson {
  readonly event: TracedEvent;
  readonly shape: EventShape;
  /** `{"v":1,"event":"group/name","time":"`. */
  readonly opening: FixedText;
  readonly fields: readonly FieldJson[];
  readonly offsets: FlagOffsets;
  /** Code for records of this size and more. */
  readonly body: BodyWriter | undefined;
  readonly fixedSize: number;
  /** A state can be other than `ok` although nothing went wrong. */
  readonly hasStates: boolean;
}

interface Sender {
  readonly pid: number;
  readonly comm: string;
  /** From the quote behind the time to the one before the flags. */
  readonly json: FixedText;
  readonly latin1: boolean;
}

const IP = FixedText.of('","ip":');
const FUNC = FixedText.of('","func":');
const RETURN = FixedText.of(',"ret":');
const ARGS_BEHIND_FLAGS = FixedText.of('","args":{');
const ARGS = FixedText.of(',"args":{');
const FAULTS = FixedText.of(',"faults":{');
const LATIN1 = FixedText.of(',"latin1":[');
const TYPED = FixedText.of(',"typed":{');
const STATES = FixedText.of(',"states":{');
/** A state that many numbers have: it is not made anew for each. */
const UNKNOWN = FixedText.of(`:${stateJson({ state: 'unknown' }, undefined)}`);
const NULL = FixedText.of('null');
const END = FixedText.of('}\n');
const MOST_COMMS = 1 << 15;
/** CPUs with a place in a table. */
const MOST_CPUS = 1 << 12;
const COMMA = 0x2c;
const COMMA_TEXT = FixedText.of(',');
const QUOTE = 0x22;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

/**
 * Writes records as JSON, one object per line, in the schema of docs/json-schema.md: every 64-bit integer is a decimal
 * string, every `x8` to `x64` a string `0x...`, so that no reader loses digits whatever the value.
 */
export class JsonLines {
  readonly #json = new JsonText(new ByteText(1 << 18));
  readonly #addresses: AddressText;
  /** Addresses of places: 0 is none. */
  readonly #places: AddressText;
  readonly #symbols: SymbolNames;
  readonly #isRich: boolean;
  readonly #generate: boolean;
  readonly #littleEndian: boolean;
  readonly #lazyResched: boolean;
  readonly #events = new Map<TracedEvent, EventJson>();
  /** By the number that records have: where it is another event's, `#events` tells. */
  readonly #byType: (EventJson | undefined)[] = [];
  /** The last one of each CPU. */
  readonly #senders: (Sender | undefined)[] = [];
  /** The record has a text that may have been cut. */
  #cut = false;
  readonly #comms = new Map<string, { readonly json: string; readonly latin1: boolean }>();
  readonly #flags: (FixedText | undefined)[] = [];
  readonly #range: ByteRange = { start: 0, end: 0, problem: undefined };
  readonly #problems = new Map<string, FieldProblem>();
  readonly #latin1 = new Set<string>();
  /** Names of fields as JSON. */
  readonly #names = new Map<string, FixedText>();

  /** `generate`: whether code may be made from text, for speed. */
  constructor(options: JsonLinesOptions, generate = true) {
    this.#generate = generate;
    this.#littleEndian = options.littleEndian ?? true;
    this.#lazyResched = options.lazyResched ?? false;
    this.#symbols = options.symbols;
    this.#isRich = options.values !== 'plain';
    this.#addresses = new AddressText(address => describeAddress(address, options.symbols));
    this.#places = new AddressText(address =>
      address === 0n ? NULL : this.#addresses.of(Number(address >> 32n), Number(address & 0xffffffffn)),
    );
  }

  /** The bytes of the lines written so far, UTF-8; valid until the next line is written. */
  take(): Uint8Array {
    return this.#json.out.take();
  }

  /** Writes a batch: what was lost, then its records. */
  batch(batch: RecordBatch): void {
    for (const lost of batch.lost) this.lost(lost);
    for (const record of batch.records) this.record(record);
  }

  /** Writes the line that says a CPU lost events before its next record. */
  lost({ cpu, count }: LostEvents): void {
    this.#json.out.text(`{"v":${JSON_LINES_VERSION},"lost":{"cpu":${cpu},"count":${count ?? null}}}\n`);
  }

  /** Writes the line of a record. */
  record(traceRecord: TraceRecord): void {
    const record = PageRecord.of(traceRecord);
    const { out } = this.#json;
    let event = this.#byType[record.type];
    if (event === undefined || event.event !== record.event) {
      event = this.#events.get(record.event) ?? this.#learn(record.event);
      this.#byType[record.type] = event;
    }
    out.fixed(event.opening);
    out.unsigned64(record.timeHigh, record.timeLow);
    out.fixed(this.#senderOf(record.pid, record.cpu, record.comm));
    const flags = record.source[record.start + event.offsets.flags] ?? 0;
    const preempt = record.source[record.start + event.offsets.preempt] ?? 0;
    out.fixed(this.#flagsOf((flags << 8) | preempt));
    this.#cut = false;
    const isWhole = record.start + event.fixedSize <= record.end;
    if (event.body !== undefined && isWhole && record.states === undefined) {
      event.body(out, record);
      if (this.#isRich && (event.hasStates || this.#cut || this.#problems.size > 0))
        this.#putStates(record, event);
    } else {
      this.#putPlace(record, event.shape);
      for (const field of event.fields) {
        out.fixed(field.label);
        if (event.shape.isFaulted(record, field.field)) this.#putMissing(field.field.name, 'fault');
        else if (!event.shape.holds(record, field.field)) this.#putMissing(field.field.name, 'damaged');
        else this.#putValue(record, event.shape, field);
      }
      out.byte(CLOSE_OBJECT);
      if (this.#isRich) {
        this.#putTyped(record, event.fields);
        this.#putStates(record, event);
      }
    }
    if (this.#problems.size > 0) this.#putProblems();
    if (this.#latin1.size > 0) this.#putLatin1();
    out.fixed(END);
  }

  #putValue(record: PageRecord, shape: EventShape, { field, rich }: FieldJson): void {
    if (rich?.corrected === true) rich.putNumber(this.#json.out, record);
    else this.#putField(record, shape, field);
  }

  #putPlace(record: PageRecord, { ip, func, returnIp, inFile }: EventShape): void {
    const { out } = this.#json;
    if (ip !== undefined) {
      out.fixed(IP);
      this.#putPlaceAddress(record, ip, inFile);
    } else if (func !== undefined && returnIp !== undefined) {
      out.fixed(FUNC);
      this.#putPlaceAddress(record, func, inFile);
      out.fixed(RETURN);
      this.#putPlaceAddress(record, returnIp, inFile);
    } else {
      out.fixed(ARGS_BEHIND_FLAGS);
      return;
    }
    out.fixed(ARGS);
  }

  #putPlaceAddress(record: PageRecord, { offset, size }: EventField, inFile: boolean): void {
    const at = record.start + offset;
    if (at + size > record.end) this.#json.out.fixed(NULL);
    else this.#putAddress(record, at, size, inFile, this.#places);
  }

  #putAddress(
    { view }: PageRecord,
    at: number,
    size: number,
    isPlain: boolean,
    addresses = this.#addresses,
  ): void {
    const little = this.#littleEndian;
    const low = view.getUint32(size === 8 && !little ? at + 4 : at, little);
    const high = size === 8 ? view.getUint32(little ? at + 4 : at, little) : 0;
    if (isPlain) this.#json.plainAddress(high, low);
    else this.#json.out.fixed(addresses.of(high, low));
  }

  #putField(record: PageRecord, shape: EventShape, field: ShapedField): void {
    const at = record.start + field.offset;
    const range = this.#range;
    const what = field.shape;
    switch (what.kind) {
      case 'number':
        if (what.count === undefined) {
          this.#putNumber(record, what, at);
        } else {
          range.start = at;
          range.end = what.count === 'rest' ? record.end : at + field.size;
          this.#putNumbers(record, what, range);
        }
        return;
      case 'text':
        range.start = at;
        range.end = what.size === 0 ? record.end : at + what.size;
        this.#putText(record, field.name, range);
        return;
      case 'string':
        this.#putStrings(record, shape, field, what);
        return;
      case 'numbers':
        shape.locate(record, field.offset, what.relative, false, range);
        if (range.problem === undefined) this.#putNumbers(record, what, range);
        else this.#putMissing(field.name, range.problem);
        return;
      default:
        what satisfies never;
    }
  }

  #putStrings(
    record: PageRecord,
    shape: EventShape,
    { name, offset }: ShapedField,
    { count, relative }: Extract<FieldShape, { kind: 'string' }>,
  ): void {
    const { out } = this.#json;
    const range = this.#range;
    if (count !== undefined) out.byte(OPEN_ARRAY);
    for (let index = 0; index < (count ?? 1); index++) {
      if (index > 0) out.byte(COMMA);
      shape.locate(record, offset + index * 4, relative, true, range);
      if (range.problem === undefined) this.#putText(record, name, range);
      else this.#putMissing(name, range.problem);
    }
    if (count !== undefined) out.byte(CLOSE_ARRAY);
  }

  #putText(record: PageRecord, name: string, { start, end }: ByteRange): void {
    if (end - start >= longestText - 1) this.#cut = true;
    if (!this.#json.string(record.source, start, end)) this.#latin1.add(`args.${name}`);
  }

  #putNumbers(record: PageRecord, shape: NumberShape, { start, end }: ByteRange): void {
    const { out } = this.#json;
    out.byte(OPEN_ARRAY);
    for (let at = start; at + shape.size <= end; at += shape.size) {
      if (at > start) out.byte(COMMA);
      this.#putNumber(record, shape, at);
    }
    out.byte(CLOSE_ARRAY);
  }

  #putNumber(record: PageRecord, { style, size }: NumberShape, at: number): void {
    if (style === 'symbol') this.#putAddress(record, at, size, false);
    else this.#json.number(record.view, at, size, style, this.#littleEndian);
  }

  /** What values mean. */
  #putTyped(record: PageRecord, fields: readonly FieldJson[]): void {
    const { out } = this.#json;
    let isFirst = true;
    for (const { field, rich } of fields) {
      if (rich === undefined || this.#problems.has(field.name)) continue;
      const meaning = rich.meaningOf(record);
      if (meaning === undefined) continue;
      out.fixed(isFirst ? TYPED : COMMA_TEXT);
      out.fixed(rich.label);
      out.fixed(meaning);
      isFirst = false;
    }
    if (!isFirst) out.byte(CLOSE_OBJECT);
  }

  /** How values were had, where that is not simply well. */
  #putStates(record: PageRecord, { fields, shape }: EventJson): void {
    const { out } = this.#json;
    let isFirst = true;
    for (const { field, rich } of fields) {
      const state = stateOf(record, shape, field, rich?.type, this.#problems.get(field.name));
      if (state.state === 'ok' || isInFaults(state)) continue;
      out.fixed(isFirst ? STATES : COMMA_TEXT);
      out.fixed(this.#nameOf(field.name));
      if (state.state === 'unknown') {
        out.fixed(UNKNOWN);
      } else {
        out.text(':');
        out.text(stateJson(state, rich?.type));
      }
      isFirst = false;
    }
    if (!isFirst) out.byte(CLOSE_OBJECT);
  }

  #putMissing(name: string, problem: FieldProblem): void {
    this.#json.out.fixed(NULL);
    this.#problems.set(name, problem);
  }

  #putProblems(): void {
    const { out } = this.#json;
    out.fixed(FAULTS);
    let isFirst = true;
    for (const [name, problem] of this.#problems) {
      if (!isFirst) out.byte(COMMA);
      out.fixed(this.#nameOf(name));
      out.text(`:"${problem}"`);
      isFirst = false;
    }
    out.byte(CLOSE_OBJECT);
    this.#problems.clear();
  }

  #putLatin1(): void {
    const { out } = this.#json;
    out.fixed(LATIN1);
    let isFirst = true;
    for (const name of this.#latin1) {
      if (!isFirst) out.byte(COMMA);
      out.fixed(this.#nameOf(name));
      isFirst = false;
    }
    out.byte(CLOSE_ARRAY);
    this.#latin1.clear();
  }

  #nameOf(name: string): FixedText {
    let text = this.#names.get(name);
    if (text === undefined) {
      text = FixedText.of(quotedName(name));
      this.#names.set(name, text);
    }
    return text;
  }

  #senderOf(pid: number, cpu: number, comm: string): FixedText {
    const last = this.#senders[cpu];
    const isLast = last !== undefined && last.pid === pid && last.comm === comm;
    const sender = isLast ? last : this.#makeSender(pid, cpu, comm);
    if (sender.latin1) this.#latin1.add('comm');
    return sender.json;
  }

  #makeSender(pid: number, cpu: number, comm: string): Sender {
    const { json: quoted, latin1 } = this.#commOf(comm);
    const json = FixedText.of(`","cpu":${cpu},"pid":${pid},"comm":${quoted},"flags":"`);
    const sender = { pid, comm, json, latin1 };
    if (cpu < MOST_CPUS) this.#senders[cpu] = sender;
    return sender;
  }

  #commOf(comm: string): { readonly json: string; readonly latin1: boolean } {
    let known = this.#comms.get(comm);
    if (known === undefined) {
      if (this.#comms.size >= MOST_COMMS) this.#comms.clear();
      const text = new JsonText(new ByteText(64));
      const latin1 = !text.string(bytesOf(comm), 0, comm.length);
      known = { json: new FixedText(text.out.take()).toString(), latin1 };
      this.#comms.set(comm, known);
    }
    return known;
  }

  #flagsOf(key: number): FixedText {
    let text = this.#flags[key];
    if (text === undefined) {
      text = FixedText.of(flagCharacters(key >> 8, key & 0xff, this.#lazyResched));
      this.#flags[key] = text;
    }
    return text;
  }

  #richField({ types }: TracedEvent, field: ShapedField): RichField | undefined {
    const type = this.#isRich ? types?.get(field.name) : undefined;
    // The numbers of big-endian machines are left as they are: no such machine's types are known here.
    if (type === undefined || !this.#littleEndian) return undefined;
    return new RichField(field, type, FixedText.of(`${quotedName(field.name)}:`), this.#symbols);
  }

  #learn(event: TracedEvent): EventJson {
    const shape = new EventShape(event, this.#littleEndian);
    const opening = new JsonText(new ByteText(64));
    opening.out.text(`{"v":${JSON_LINES_VERSION},"event":`);
    const id = bytesOf(`${event.group}/${event.name}`);
    opening.string(id, 0, id.length);
    opening.out.text(',"time":');
    opening.out.byte(QUOTE);
    const fields = shape.fields.map((field, index) => ({
      field,
      label: FixedText.of(`${index === 0 ? '' : ','}${quotedName(field.name)}:`),
      rich: this.#richField(event, field),
    }));
    const json: EventJson = {
      event,
      shape,
      opening: new FixedText(opening.out.take()),
      fields,
      offsets: flagOffsets(event.layout),
      // Hundreds of events of system calls would be hundreds of functions to compile.
      body: this.#generate && event.group !== 'syscalls' ? this.#bodyOf(shape, fields) : undefined,
      fixedSize: fixedSize(event.layout),
      hasStates: fields.some(({ field, rich }) => rich !== undefined && hasState(field, rich.type)),
    };
    this.#events.set(event, json);
    return json;
  }

  #bodyOf(shape: EventShape, fields: readonly FieldJson[]): BodyWriter | undefined {
    return generateJsonBody({
      shape,
      fields,
      littleEndian: this.#littleEndian,
      addresses: this.#addresses,
      places: this.#places,
      putField: (record, field) => this.#putValue(record, shape, field),
      putPlainAddress: (record, { offset, size }) =>
        this.#putAddress(record, record.start + offset, size, true),
      putTyped: record => this.#putTyped(record, fields),
    });
  }
}

/** Can a field that is simply there have a state to tell? */
function hasState(field: ShapedField, { fromMemory, type }: FieldType): boolean {
  return isStored(field) && (fromMemory || (type !== undefined && isWide(type)));
}

/** Does `faults` say all of it? */
function isInFaults(state: FetchState): boolean {
  return (
    state.state === 'damaged' ||
    (state.state === 'fault' && state.step === undefined && state.errno === undefined)
  );
}

/** A name as JSON. Byte strings: what is not ASCII becomes UTF-8, byte for character. */
function quotedName(name: string): string {
  return String.fromCharCode(...new TextEncoder().encode(JSON.stringify(name)));
}

type NumberShape = Pick<Extract<FieldShape, { kind: 'number' }>, 'style' | 'size'>;

function describeAddress(address: bigint, symbols: SymbolNames): FixedText {
  const text = new JsonText(new ByteText(128));
  const { out } = text;
  out.text(`{"address":"0x${address.toString(16)}"`);
  const symbol = symbols.resolve(address);
  if (symbol !== undefined) {
    out.text(',"symbol":');
    const place = bytesOf(`${symbol.name}+0x${symbol.offset.toString(16)}`);
    text.string(place, 0, place.length);
    if (symbol.module !== undefined) {
      out.text(',"module":');
      const module = bytesOf(symbol.module);
      text.string(module, 0, module.length);
    }
  }
  out.byte(CLOSE_OBJECT);
  return new FixedText(out.take());
}
