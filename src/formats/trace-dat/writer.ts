import {
  EventShape,
  type LostEvents,
  PageRecord,
  PageWriter,
  type RecordBatch,
  type ShapedField,
  type SymbolNames,
  type TracedEvent,
  type TraceRecord,
} from '../../records/index.js';
import { BytesWriter } from './bytes-writer.js';
import {
  CPU_ROOM,
  type FileStart,
  type FileStartOptions,
  layOutStart,
  optionSection,
  type Slot,
} from './file-start.js';
import { END_OF_SYMBOL } from './kept-symbols.js';
import { TGIDS_OPTION } from './tgids.js';

/** A file that can be written anywhere. What was never written reads as zeros and should take no room. */
export interface ByteSink {
  write(offset: number, bytes: Uint8Array): void;
  read(offset: number, length: number): Uint8Array;
  /** Cuts the file to that many bytes. */
  truncate(size: number): void;
}

/** What a `TraceDatWriter` needs beside the sink. */
export interface TraceDatWriterOptions extends FileStartOptions {
  /** Names for the addresses in records. */
  readonly symbols: SymbolNames;
  /** The process of a thread; it is asked when the thread's first record comes, and once more at the end if it was not known then. */
  readonly processOf?: (tid: number) => number | undefined;
}

interface CpuFile {
  readonly cpu: number;
  readonly pages: PageWriter;
  /** In the file. */
  offset: number;
  /** Bytes written. */
  size: number;
}

const MOVED_AT_ONCE = 1 << 20;

/**
 * Writes a trace.dat of version 7 that can be read at any time: by trace-cmd, KernelShark or `TraceDat`. While records
 * come each CPU has a place of its own far from the others' in a sparse file, and the table of CPUs in the file tells
 * what is whole. `finish` moves the places together. When the sink throws, or nobody finishes, what the table tells
 * stays readable. Records are written into sub-buffers of our own, so those of any source will do.
 */
export class TraceDatWriter {
  readonly #sink: ByteSink;
  readonly #start: FileStart;
  readonly #cpus: readonly CpuFile[];
  readonly #symbols: SymbolNames;
  readonly #shapes = new Map<TracedEvent, EventShape>();
  readonly #pids = new Set<number>();
  /** Processes by thread, of all threads seen. */
  readonly #processes = new Map<number, number | undefined>();
  readonly #processOf: ((tid: number) => number | undefined) | undefined;
  readonly #addresses = new Set<bigint>();
  readonly #cmdlines: SlotText;
  readonly #kallsyms: SlotText;
  #tooLong = 0;

  /** Writes the start of the file; the CPUs must not be empty. */
  constructor(sink: ByteSink, options: TraceDatWriterOptions) {
    this.#sink = sink;
    this.#symbols = options.symbols;
    this.#processOf = options.processOf;
    this.#start = layOutStart(options);
    this.#cpus = options.cpus.map((cpu, index) => ({
      cpu,
      pages: new PageWriter(),
      offset: this.#start.data + index * CPU_ROOM,
      size: 0,
    }));
    this.#cmdlines = new SlotText(sink, this.#start.cmdlines);
    this.#kallsyms = new SlotText(sink, this.#start.kallsyms);
    sink.write(0, this.#start.bytes);
  }

  /** Records that are longer than a sub-buffer: in the file they are lost ones. A kernel's buffer has none of them. */
  get tooLong(): number {
    return this.#tooLong;
  }

  /** Takes a batch; whole sub-buffers are written. Records of CPUs that were not announced are an error. */
  batch({ records, lost }: RecordBatch): void {
    for (const one of lost) this.#lose(one);
    for (const record of records) this.#record(record);
    for (const cpu of this.#cpus) this.#writePages(cpu);
  }

  /** Writes what is still in memory, so that all records taken so far can be read. */
  flush(): void {
    for (const cpu of this.#cpus) {
      cpu.pages.finishPage();
      this.#writePages(cpu);
    }
    this.#cmdlines.flush();
    this.#kallsyms.flush();
  }

  /** Writes the rest and moves the CPUs' places together. The file is then complete. */
  finish(): void {
    this.flush();
    let end = this.#start.data;
    for (const cpu of this.#cpus) {
      if (cpu.offset !== end) this.#move(cpu, end);
      end += cpu.size;
    }
    this.#sink.truncate(end);
    this.#writeNumber(this.#start.bufferSize, end - this.#start.bufferSize - 8);
    this.#writeProcesses(end);
  }

  #record(traceRecord: TraceRecord): void {
    const record = PageRecord.of(traceRecord);
    const { pages } = this.#cpuOf(record.cpu);
    if (record.end - record.start > pages.largestPayload) {
      pages.lose(1);
      this.#tooLong++;
      return;
    }
    pages.write(record.time, record.bytes);
    this.#noteComm(record.pid, record.comm);
    this.#noteProcess(record.pid);
    this.#noteSymbols(record);
  }

  #lose({ cpu, count }: LostEvents): void {
    this.#cpuOf(cpu).pages.lose(count);
  }

  #cpuOf(number: number): CpuFile {
    const found = this.#cpus.find(({ cpu }) => cpu === number);
    if (found === undefined) throw new RangeError(`CPU ${number} was not announced`);
    return found;
  }

  #writePages(cpu: CpuFile): void {
    const pages = cpu.pages.takePages();
    if (pages.length === 0) return;
    const joined = new BytesWriter();
    for (const page of pages) joined.put(page);
    const bytes = joined.bytes();
    if (cpu.size + bytes.length > CPU_ROOM) {
      throw new RangeError(`CPU ${cpu.cpu} has more than ${CPU_ROOM / 2 ** 30} GiB of records`);
    }
    this.#sink.write(cpu.offset + cpu.size, bytes);
    cpu.size += bytes.length;
    // Only now, when all of it is there.
    this.#tell(cpu);
  }

  #tell({ cpu, offset, size }: CpuFile): void {
    const place = this.#start.cpuTable.get(cpu);
    if (place !== undefined) this.#sink.write(place, new BytesWriter().u64(offset).u64(size).bytes());
  }

  /** Copies towards the start of the file; the table changes when the copy is whole. */
  #move(cpu: CpuFile, to: number): void {
    for (let done = 0; done < cpu.size; done += MOVED_AT_ONCE) {
      const length = Math.min(MOVED_AT_ONCE, cpu.size - done);
      this.#sink.write(to + done, this.#sink.read(cpu.offset + done, length));
    }
    cpu.offset = to;
    this.#tell(cpu);
  }

  #writeNumber(place: number, value: number): void {
    this.#sink.write(place, new BytesWriter().u64(value).bytes());
  }

  #noteComm(pid: number, comm: string): void {
    if (pid <= 0 || comm === '<...>' || this.#pids.has(pid)) return;
    if (this.#cmdlines.add(`${pid} ${comm}\n`)) this.#pids.add(pid);
  }

  #noteProcess(tid: number): void {
    if (this.#processOf === undefined || tid <= 0 || this.#processes.has(tid)) return;
    this.#processes.set(tid, this.#processOf(tid));
  }

  /** Behind the records, for nobody knows before how long it gets. */
  #writeProcesses(end: number): void {
    const text = new BytesWriter();
    for (const [tid, known] of this.#processes) {
      const process = known ?? this.#processOf?.(tid);
      if (process !== undefined) text.text(`${tid} ${process}\n`);
    }
    if (text.length === 0) return;
    this.#sink.write(end, optionSection(TGIDS_OPTION, text.u8(0).bytes()));
    this.#writeNumber(this.#start.nextOptions, end);
  }

  #noteSymbols(record: PageRecord): void {
    let shape = this.#shapes.get(record.event);
    if (shape === undefined) {
      shape = new EventShape(record.event);
      this.#shapes.set(record.event, shape);
    }
    if (shape.inFile) return;
    for (const field of [shape.ip, shape.func, shape.returnIp]) {
      if (field !== undefined && field.size === 8) this.#noteAddress(record, field.offset);
    }
    for (const field of shape.fields) {
      if (!this.#hasAddresses(record.event, field)) continue;
      for (let at = 0; at + 8 <= field.size; at += 8) this.#noteAddress(record, field.offset + at);
    }
  }

  /** May what is said of the field's value name symbols? */
  #hasAddresses({ types }: TracedEvent, { name, shape }: ShapedField): boolean {
    if (shape.kind !== 'number') return false;
    if (shape.style === 'symbol') return shape.size === 8;
    const kind = types?.get(name)?.type?.kind;
    return kind === 'pointer' || kind === 'array' || kind === 'struct';
  }

  /** A symbol is kept with the next one: where that begins the first one ends. */
  #noteAddress({ view, start, end }: PageRecord, offset: number): void {
    if (start + offset + 8 > end) return;
    const address = view.getBigUint64(start + offset, true);
    if (this.#addresses.has(address)) return;
    this.#addresses.add(address);
    const symbol = this.#symbols.resolve(address);
    if (symbol === undefined) return;
    const first = address - BigInt(symbol.offset);
    this.#addSymbol(first, 't');
    this.#addSymbol(first + BigInt(symbol.size), END_OF_SYMBOL);
  }

  #addSymbol(address: bigint, type: string): void {
    const symbol = this.#symbols.resolve(address);
    if (symbol === undefined || symbol.offset !== 0) return;
    const line = `${address.toString(16).padStart(16, '0')} ${type} ${symbol.name}`;
    this.#kallsyms.add(symbol.module === undefined ? `${line}\n` : `${line}\t[${symbol.module}]\n`);
  }
}

/** Lines in a place of the file that is not larger than it was laid out: those that no longer fit are left out. */
class SlotText {
  readonly #sink: ByteSink;
  readonly #slot: Slot;
  readonly #lines = new Set<string>();
  #waiting = new BytesWriter();
  #written = 0;

  constructor(sink: ByteSink, slot: Slot) {
    this.#sink = sink;
    this.#slot = slot;
  }

  /** False when there is no room left. */
  add(line: string): boolean {
    if (this.#lines.has(line)) return true;
    if (this.#written + this.#waiting.length + line.length > this.#slot.room) return false;
    this.#lines.add(line);
    this.#waiting.text(line);
    return true;
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const { offset, sizeOffset, sizeBytes } = this.#slot;
    this.#sink.write(offset + this.#written, this.#waiting.bytes());
    this.#written += this.#waiting.length;
    this.#waiting = new BytesWriter();
    const size = new BytesWriter().u32(this.#written);
    this.#sink.write(sizeOffset, (sizeBytes === 8 ? size.u32(0) : size).bytes());
  }
}
