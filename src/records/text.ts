import type { RecordLayout } from '../kernel/index.js';
import type { BodyPrinter } from './body-printer.js';
import { type BuiltInContext, BuiltInText } from './built-in-text.js';
import { ByteText, bytesOf, FixedText, MOST_WAITING } from './byte-text.js';
import { putSixDigits } from './digits.js';
import { EvaluatedText } from './evaluated-text.js';
import { FieldsText } from './fields-text.js';
import type { BodyWriter } from './generated-text.js';
import { NumberTable } from './number-table.js';
import { PageRecord } from './page-record.js';
import type { PrintContext } from './print-context.js';
import { parsePrintFormat } from './print-conversion.js';
import { parseProbeFormat } from './print-format.js';
import { type ProbeSymbols, ProbeText, probeSymbols } from './probe-text.js';
import type { LostEvents, RecordBatch, SymbolNames, TracedEvent, TraceRecord } from './record.js';
import { symbolNames, symbolsWithoutOffset } from './symbol-text.js';
import { SyscallText } from './syscall-text.js';
import type { EventLine } from './wasm/event-bodies.js';
import { LineEngine } from './wasm/line-engine.js';

/** How lines are written. */
export interface TraceTextOptions {
  readonly symbols: SymbolNames;
  /** Byte order of the traced machine, default little endian. */
  readonly littleEndian?: boolean;
  /** `ns`: seconds and microseconds; `raw`: the clock's own number (spec 12 R12-2). Default `ns`. */
  readonly clock?: 'ns' | 'raw';
  /** Whether the flags column is written (the option `irq-info`), default true. */
  readonly irqInfo?: boolean;
  /** Flag bit 0x02 means "lazy reschedule": kernels from 6.13 on (spec 12 section 2). Default false. */
  readonly lazyResched?: boolean;
  /**
   * The value of an enumerator of the traced kernel, for the print formats of static events that name some; `undefined`
   * when it is not known, or when no kernel is: the event's fields are then written instead.
   */
  readonly constants?: (name: string) => bigint | undefined;
  /** The text at an address of the traced kernel, as `printk_formats` lists it; addresses print for others. */
  readonly stringAt?: (address: bigint) => string | undefined;
  /** Whether WebAssembly may be made that writes the lines of recordings, default true. */
  readonly engine?: boolean;
}

/**
 * Whose words a body is: the kernel's own text of a probe event, a system call or what tracers and `trace_marker` wrote; its
 * `print fmt` evaluated; or, where that uses what is not understood, the fields one by one as with the option `fields`.
 */
export type BodyStyle = 'probe' | 'syscall' | 'built in' | 'print format' | 'fields';

interface Sender {
  readonly pid: number;
  readonly cpu: number;
  readonly comm: string;
  /** Comm, pid and CPU. */
  readonly text: FixedText;
}

interface EventText {
  readonly event: TracedEvent;
  readonly style: BodyStyle;
  /** `NAME: `. */
  readonly name: FixedText;
  readonly body: BodyPrinter;
  /** The code of `body`, once it has some. */
  whole: BodyWriter | undefined;
  readonly fixedSize: number;
  readonly offsets: FlagOffsets;
}

/** No kernel has more pids. */
const PIDS = 1 << 22;
const MOST_SENDERS = 1 << 13;
/** Room for everything of a line's start but the sender and the event's name. */
const FIXED_ROOM = 96;
const NEWLINE = 0x0a;
const BLANK = 0x20;
const COLON = 0x3a;
const TWO_32 = 0x100000000;
/** From this nanosecond of a second on, microseconds are rounded up to the next second. */
const LAST_ROUNDED = 999_999_500;
/** CPUs with a place in a table. */
const MOST_CPUS = 1 << 12;

/**
 * Writes records as the lines of the kernel's `trace` and `trace_pipe` files, byte for byte (spec 12 sections 1, 2, 4
 * and 5), into one growing buffer. The kernel's limit on a line's length (`[LINE TOO BIG]`) is not applied.
 */
export class TraceText {
  /** The buffer written into; take the bytes from it with `take`. */
  readonly out = new ByteText(1 << 18);

  readonly #symbols: ProbeSymbols;
  readonly #static: PrintContext;
  readonly #builtIn: BuiltInContext;
  readonly #constants: (name: string) => bigint | undefined;
  readonly #littleEndian: boolean;
  readonly #rawClock: boolean;
  readonly #irqInfo: boolean;
  readonly #lazyResched: boolean;
  readonly #events = new Map<TracedEvent, EventText>();
  /** By the number that records have: where it is another event's, `#events` tells. */
  readonly #byType = new NumberTable<EventText>();
  readonly #senders = new Map<number, Sender>();
  /** The last one of each CPU. */
  readonly #lastSenders: (Sender | undefined)[] = [];
  readonly #flags = new NumberTable<FixedText>();
  /** The time of the last second's beginning. */
  #secondHigh = 0;
  #secondLow = 0;
  #second = -1;
  #secondText = FixedText.of('');
  readonly #hasEngine: boolean;
  #engine: LineEngine | undefined;

  constructor(options: TraceTextOptions) {
    this.#symbols = probeSymbols(options.symbols);
    const littleEndian = options.littleEndian ?? true;
    const stringAt = options.stringAt ?? (() => undefined);
    this.#littleEndian = littleEndian;
    const { withOffset } = this.#symbols;
    const names = symbolsWithoutOffset(options.symbols);
    this.#static = { symbols: { withOffset, names }, littleEndian, stringAt };
    this.#builtIn = { names: symbolNames(options.symbols), littleEndian, stringAt };
    this.#constants = options.constants ?? (() => undefined);
    this.#rawClock = options.clock === 'raw';
    this.#irqInfo = options.irqInfo ?? true;
    this.#lazyResched = options.lazyResched ?? false;
    this.#hasEngine = (options.engine ?? true) && !this.#rawClock;
  }

  /** Whether the lines are to be taken before others are written. */
  get isFull(): boolean {
    return this.out.length >= MOST_WAITING || this.#engine?.isFull === true;
  }

  /** Writes what `record` does for all records of a recording; `undefined` where it cannot be made. */
  get engine(): LineEngine | undefined {
    if (!this.#hasEngine) return undefined;
    this.#engine ??= LineEngine.of({
      out: this.out,
      lineOf: event => this.#lineOf(event),
      sender: (pid, cpu, comm) => this.#findSender(pid, cpu, comm).text,
      flags: key => this.#flags.at(key) ?? this.#nameFlags(key),
      seconds: {
        putTime: (high, low) => {
          this.out.length = this.#putTime(this.out, this.out.length, high, low);
        },
        last: () => ({
          start: (BigInt(this.#secondHigh) << 32n) | BigInt(this.#secondLow),
          limit: BigInt(LAST_ROUNDED),
          text: this.#secondText,
        }),
      },
    });
    return this.#engine;
  }

  #lineOf(event: TracedEvent): EventLine {
    const { name, body, offsets } = this.#textOf(event);
    return {
      fixedSize: Math.max(
        body.fixedSize,
        ...[offsets.flags, offsets.preempt].map(offset => (offset >= 0 ? offset + 1 : 0)),
      ),
      emit: line => {
        line.sender();
        if (this.#irqInfo) line.flags(offsets);
        line.seconds();
        line.body.label(bytesOf(`: ${name}`));
        if (body.emit === undefined) line.body.call((out, record) => body.print(out, record));
        else body.emit(line.body);
      },
    };
  }

  /** The bytes of the lines written so far; valid until the next line is written. */
  take(): Uint8Array {
    return this.out.take();
  }

  /** Writes a batch: what was lost, then its records. */
  batch(batch: RecordBatch): void {
    for (const lost of batch.lost) this.lost(lost);
    for (const record of batch.records) this.record(record);
  }

  /** Writes the line that says a CPU lost events (spec 12 section 4). */
  lost({ cpu, count }: LostEvents): void {
    this.out.text(count === undefined ? `CPU:${cpu} [LOST EVENTS]\n` : `CPU:${cpu} [LOST ${count} EVENTS]\n`);
  }

  /** How the bodies of an event's records are written. */
  styleOf(event: TracedEvent): BodyStyle {
    return this.#textOf(event).style;
  }

  /** Writes the line of a record. */
  record(record: TraceRecord): void {
    const { out } = this;
    const at = record instanceof PageRecord ? record : PageRecord.of(record);
    let event = this.#byType.at(at.type);
    if (event === undefined || event.event !== at.event) {
      event = this.#textOf(at.event);
      this.#byType.set(at.type, event);
    }
    const sender = this.#sender(at.pid, at.cpu, at.comm);
    out.reserve(sender.length + event.name.length + FIXED_ROOM);
    const { bytes, view } = out;
    let place = sender.putAt(view, out.length);
    if (this.#irqInfo) {
      const flags = at.source[at.start + event.offsets.flags] ?? 0;
      const preempt = at.source[at.start + event.offsets.preempt] ?? 0;
      const key = (flags << 8) | preempt;
      place = (this.#flags.at(key) ?? this.#nameFlags(key)).putAt(view, place);
    }
    place = this.#putTime(out, place, at.timeHigh, at.timeLow);
    bytes[place] = COLON;
    bytes[place + 1] = BLANK;
    out.length = event.name.putAt(view, place + 2);
    if (event.whole !== undefined && at.start + event.fixedSize <= at.end) event.whole(out, at);
    else this.#print(event, at);
    out.byte(NEWLINE);
  }

  #print(event: EventText, record: PageRecord): void {
    const { body } = event;
    body.print(this.out, record);
    event.whole = body.whole;
  }

  #putTime(out: ByteText, start: number, high: number, low: number): number {
    if (this.#rawClock) {
      const text = String((BigInt(high) << 32n) | BigInt(low)).padStart(12);
      return FixedText.of(` ${text}`).putAt(out.view, start);
    }
    const { view } = out;
    // Within a second a double is exact.
    const passed = (high - this.#secondHigh) * TWO_32 + (low - this.#secondLow);
    if (passed >= 0 && passed < LAST_ROUNDED && this.#second >= 0) {
      return putSixDigits(view, this.#secondText.putAt(view, start), ((passed + 500) / 1000) | 0);
    }
    const nanoseconds = (BigInt(high) << 32n) | BigInt(low);
    const micros = (nanoseconds + 500n) / 1000n;
    const second = micros / 1000000n;
    this.#second = Number(second);
    this.#secondText = FixedText.of(` ${String(second).padStart(5)}.`);
    this.#secondHigh = Number((second * 1000000000n) >> 32n);
    this.#secondLow = Number((second * 1000000000n) & 0xffffffffn);
    return putSixDigits(view, this.#secondText.putAt(view, start), Number(micros % 1000000n));
  }

  #sender(pid: number, cpu: number, comm: string): FixedText {
    const last = this.#lastSenders[cpu];
    if (last !== undefined && last.pid === pid && last.comm === comm) return last.text;
    const sender = this.#findSender(pid, cpu, comm);
    if (cpu < MOST_CPUS) this.#lastSenders[cpu] = sender;
    return sender.text;
  }

  #findSender(pid: number, cpu: number, comm: string): Sender {
    const key = pid + cpu * PIDS;
    const known = this.#senders.get(key);
    if (known !== undefined && known.comm === comm && known.pid === pid && known.cpu === cpu) return known;
    if (this.#senders.size >= MOST_SENDERS) this.#senders.clear();
    const where = `[${String(cpu).padStart(3, '0')}] `;
    const text = FixedText.of(`${comm.padStart(16)}-${String(pid).padEnd(7)} ${where}`);
    const sender = { pid, cpu, comm, text };
    this.#senders.set(key, sender);
    return sender;
  }

  #nameFlags(key: number): FixedText {
    const text = FixedText.of(flagCharacters(key >> 8, key & 0xff, this.#lazyResched));
    this.#flags.set(key, text);
    return text;
  }

  #textOf(event: TracedEvent): EventText {
    return this.#events.get(event) ?? this.#learn(event);
  }

  #learn(event: TracedEvent): EventText {
    const { layout } = event;
    const format = parseProbeFormat(layout);
    // A static event's format may look like an event probe's; only a definition makes it one.
    const isProbe = format !== undefined && (format.head.kind !== 'none' || event.definition !== undefined);
    const { style, body } = isProbe
      ? { style: 'probe' as const, body: new ProbeText(event, format, this.#symbols, this.#littleEndian) }
      : this.#staticBody(layout);
    const text: EventText = {
      event,
      style,
      name: FixedText.of(style === 'syscall' || style === 'built in' ? '' : `${event.name}: `),
      body,
      whole: body.whole,
      fixedSize: body.fixedSize,
      offsets: flagOffsets(layout),
    };
    this.#events.set(event, text);
    return text;
  }

  #staticBody(layout: RecordLayout): { style: BodyStyle; body: BodyPrinter } {
    const little = this.#littleEndian;
    const syscall = SyscallText.of(layout, little);
    if (syscall !== undefined) return { style: 'syscall', body: syscall };
    const builtIn = BuiltInText.of(layout, this.#builtIn);
    if (builtIn !== undefined) return { style: 'built in', body: builtIn };
    const pieces = parsePrintFormat(layout, this.#constants);
    if (pieces !== undefined)
      return { style: 'print format', body: new EvaluatedText(layout, pieces, this.#static) };
    return { style: 'fields', body: new FieldsText(layout, little) };
  }
}

/** Bytes of a record that the flags column is made of; NaN, where no byte is, for one that the layout does not have. */
export interface FlagOffsets {
  readonly flags: number;
  readonly preempt: number;
}

/** Finds `common_flags` and `common_preempt_count` in a layout. */
export function flagOffsets({ common }: RecordLayout): FlagOffsets {
  const offsetOf = (name: string) => common.find(field => field.name === name)?.offset ?? Number.NaN;
  return { flags: offsetOf('common_flags'), preempt: offsetOf('common_preempt_count') };
}

/** The five characters of the flags column for a record's `common_flags` and `common_preempt_count` (spec 12 section 2). */
export function flagCharacters(flags: number, preemptCount: number, lazyResched = false): string {
  const irqsOff = (flags & 0x01) !== 0;
  const lazy = (flags & 0x02) !== 0;
  const bottomHalvesOff = (flags & 0x80) !== 0;
  let irqs = '.';
  if (irqsOff) irqs = bottomHalvesOff ? 'D' : 'd';
  else if (bottomHalvesOff) irqs = 'b';
  else if (lazy && !lazyResched) irqs = 'X';
  // Bits: need-resched 1, preempt-resched 2, lazy 4.
  const resched = ((flags & 0x04) >> 2) | ((flags & 0x20) >> 4) | (lazy && lazyResched ? 4 : 0);
  const hard = (flags & 0x08) !== 0;
  const soft = (flags & 0x10) !== 0;
  let context = hard ? (soft ? 'H' : 'h') : soft ? 's' : '.';
  if ((flags & 0x40) !== 0) context = hard ? 'Z' : 'z';
  const depth = preemptCount & 15;
  const migrate = preemptCount >> 4;
  return irqs + '.npNlbLB'[resched]! + context + hexOrDot(depth) + hexOrDot(migrate);
}

function hexOrDot(value: number): string {
  return value === 0 ? '.' : value.toString(16);
}

/** The comment lines that the `trace` file begins with (spec 12 section 3): unread entries, entries ever written, online CPUs. */
export function traceHeader(entries: number, written: number, cpus: number, irqInfo = true): string {
  const start = [
    '# tracer: nop',
    '#',
    `# entries-in-buffer/entries-written: ${entries}/${written}   #P:${cpus}`,
    '#',
  ];
  const art = irqInfo
    ? [
        '#                                _-----=> irqs-off/BH-disabled',
        '#                               / _----=> need-resched',
        '#                              | / _---=> hardirq/softirq',
        '#                              || / _--=> preempt-depth',
        '#                              ||| / _-=> migrate-disable',
        '#                              |||| /     delay',
        '#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION',
        '#              | |         |   |||||     |         |',
      ]
    : [
        '#           TASK-PID     CPU#     TIMESTAMP  FUNCTION',
        '#              | |         |         |         |',
      ];
  return `${[...start, ...art].join('\n')}\n`;
}
