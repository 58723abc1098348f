import {
  ByteText,
  bytesOf,
  DecimalTime,
  type EventLine,
  EventShape,
  FixedText,
  type FlagOffsets,
  fixedSize,
  flagCharacters,
  flagOffsets,
  LateScript,
  LineEngine,
  type LostEvents,
  MOST_WAITING,
  NumberTable,
  PageRecord,
  type RecordBatch,
  type ShapedField,
  type SymbolNames,
  type TracedEvent,
  type TraceRecord,
} from '../records/index.js';
import { emitJsonBody, type FieldJson, type JsonBodyOptions } from './json-body.js';
import { JsonRemarks, usualStates } from './json-remarks.js';
import { JsonSenders } from './json-senders.js';
import { JsonText, quotedName } from './json-text.js';
import { JsonValues, type ValueNotes } from './json-values.js';
import { RichField } from './rich-field.js';

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
  /** Whether WebAssembly may be made that writes the lines of recordings, default true. */
  readonly engine?: boolean;
}

interface EventJson {
  readonly event: TracedEvent;
  readonly shape: EventShape;
  /** `{"v":1,"event":"group/name","time":"`. */
  readonly opening: FixedText;
  readonly fields: readonly FieldJson[];
  readonly offsets: FlagOffsets;
  /** What code is made from. */
  readonly code: JsonBodyOptions;
  /** JavaScript for records of `fixedSize` bytes and more. */
  readonly script: LateScript | undefined;
  readonly fixedSize: number;
  /** `states` of records of which nothing is known, whole and without a cut text; `undefined` where it is not the same for all. */
  readonly usualStates: FixedText | undefined;
}

const CLOSE_OBJECT = bytesOf('}');
const END = FixedText.of('}\n');
/** Room for a line's time and flags. */
const HEAD_ROOM = 48;
const QUOTE = 0x22;

/**
 * Writes records as JSON, one object per line, in the schema of docs/json-schema.md: every 64-bit integer is a decimal
 * string, every `x8` to `x64` a string `0x...`, so that no reader loses digits whatever the value.
 */
export class JsonLines {
  readonly #json = new JsonText(new ByteText(1 << 18));
  readonly #values: JsonValues;
  readonly #remarks: JsonRemarks;
  readonly #senders = new JsonSenders();
  readonly #symbols: SymbolNames;
  readonly #isRich: boolean;
  readonly #generate: boolean;
  readonly #littleEndian: boolean;
  readonly #lazyResched: boolean;
  readonly #events = new Map<TracedEvent, EventJson>();
  /** By the number that records have: where it is another event's, `#events` tells. */
  readonly #byType = new NumberTable<EventJson>();
  readonly #flags = new NumberTable<FixedText>();
  readonly #time = new DecimalTime();
  readonly #hasEngine: boolean;
  #engine: LineEngine | undefined;

  /** `generate`: whether code may be made from text, for speed. */
  constructor(options: JsonLinesOptions, generate = true) {
    this.#generate = generate;
    this.#littleEndian = options.littleEndian ?? true;
    this.#lazyResched = options.lazyResched ?? false;
    this.#symbols = options.symbols;
    this.#isRich = options.values !== 'plain';
    this.#values = new JsonValues(this.#json, options.symbols, this.#littleEndian);
    this.#remarks = new JsonRemarks(this.#json.out, this.#values.notes);
    this.#hasEngine = (options.engine ?? true) && this.#littleEndian;
  }

  /** Whether the lines are to be taken before others are written. */
  get isFull(): boolean {
    return this.#json.out.length >= MOST_WAITING || this.#engine?.isFull === true;
  }

  /** Writes what `record` does for all records of a recording; `undefined` where it cannot be made. */
  get engine(): LineEngine | undefined {
    if (!this.#hasEngine) return undefined;
    this.#engine ??= LineEngine.of({
      out: this.#json.out,
      lineOf: event => this.#lineOf(event),
      sender: (pid, cpu, comm) => {
        const { json, latin1 } = this.#senders.of(pid, cpu, comm);
        return latin1 ? undefined : json;
      },
      flags: key => this.#flagsOf(key),
    });
    return this.#engine;
  }

  #lineOf(tracedEvent: TracedEvent): EventLine {
    const event = this.#events.get(tracedEvent) ?? this.#learn(tracedEvent);
    const { opening, offsets, usualStates } = event;
    return {
      fixedSize: event.fixedSize,
      emit: line => {
        line.body.label(bytesOf(opening.toString()));
        line.body.number('decimal', line.time);
        line.sender();
        line.flags(offsets);
        emitJsonBody(line.body, event.code);
        const remark = () => line.body.call((_, record) => this.#putRemarks(record, event));
        if (usualStates === undefined) remark();
        else line.whenCalled(remark, () => line.body.label(bytesOf(usualStates.toString())));
        line.body.label(CLOSE_OBJECT);
      },
    };
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
    const { notes } = this.#values;
    let event = this.#byType.at(record.type);
    if (event === undefined || event.event !== record.event) {
      event = this.#events.get(record.event) ?? this.#learn(record.event);
      this.#byType.set(record.type, event);
    }
    const { opening, offsets } = event;
    const sender = this.#senders.of(record.pid, record.cpu, record.comm);
    // A line that the engine gave up may have left some.
    clearNotes(notes);
    if (sender.latin1) notes.latin1.add('comm');
    const flags = record.source[record.start + offsets.flags] ?? 0;
    const preempt = record.source[record.start + offsets.preempt] ?? 0;
    out.reserve(opening.length + sender.json.length + HEAD_ROOM);
    const { view } = out;
    const time = this.#time.putAt(out, opening.putAt(view, out.length), record.timeHigh, record.timeLow);
    out.length = this.#flagsOf((flags << 8) | preempt).putAt(view, sender.json.putAt(view, time));
    const isWhole = record.start + event.fixedSize <= record.end;
    const { states } = record;
    const body = event.script?.whole;
    if (body !== undefined && isWhole && (states === undefined || states.size === 0)) {
      body(out, record);
      this.#putRemarks(record, event);
    } else {
      event.script?.count();
      this.#values.putAll(record, event.shape, event.fields);
      if (this.#isRich) {
        this.#remarks.putTyped(record, event.fields);
        this.#remarks.putStates(record, event.fields, event.shape);
      }
      this.#putNotes();
    }
    out.fixed(END);
  }

  /** Writes what stands behind a body that code wrote. */
  #putRemarks(record: PageRecord, { usualStates, fields, shape }: EventJson): void {
    const { notes } = this.#values;
    if (notes.cut || notes.problems.size > 0 || usualStates === undefined) {
      if (this.#isRich) this.#remarks.putStates(record, fields, shape);
    } else if (record.states === undefined) {
      this.#json.out.fixed(usualStates);
    }
    this.#putNotes();
  }

  #putNotes(): void {
    const { notes } = this.#values;
    if (notes.problems.size > 0) this.#remarks.putProblems();
    if (notes.latin1.size > 0) this.#remarks.putLatin1();
    notes.cut = false;
  }

  #flagsOf(key: number): FixedText {
    let text = this.#flags.at(key);
    if (text === undefined) {
      text = FixedText.of(flagCharacters(key >> 8, key & 0xff, this.#lazyResched));
      this.#flags.set(key, text);
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
    const code = this.#codeOf(shape, fields);
    const json: EventJson = {
      event,
      shape,
      opening: new FixedText(opening.out.take()),
      fields,
      offsets: flagOffsets(event.layout),
      code,
      // Hundreds of events of system calls would be hundreds of functions of JavaScript to compile.
      script: this.#generate && event.group !== 'syscalls' ? this.#scriptOf(code) : undefined,
      fixedSize: fixedSize(event.layout),
      usualStates: usualStates(fields),
    };
    this.#events.set(event, json);
    return json;
  }

  #scriptOf(code: JsonBodyOptions): LateScript {
    return new LateScript(this.#littleEndian, body => emitJsonBody(body, code));
  }

  #codeOf(shape: EventShape, fields: readonly FieldJson[]): JsonBodyOptions {
    const values = this.#values;
    return {
      shape,
      fields,
      addresses: values.addresses,
      places: values.places,
      putField: (record, field) => values.putValue(record, shape, field),
      putTyped: record => this.#remarks.putTyped(record, fields),
    };
  }
}

function clearNotes(notes: ValueNotes): void {
  if (notes.problems.size > 0) notes.problems.clear();
  if (notes.latin1.size > 0) notes.latin1.clear();
  notes.cut = false;
}
