import { EventTable, type PageFormat, type TracedEvent } from '../../records/index.js';
import type { RecordingSlice, SliceBorder, SlicedRecording, SliceRun } from '../slices.js';
import type { CpuData } from './contents.js';
import { TraceDatRun, type TraceDatRunOptions } from './run.js';
import type { ByteSource } from './source.js';

/** A buffer whose sub-buffers are in the file as they are can be cut anywhere. */
export class TraceDatSlices implements SlicedRecording {
  readonly slices: readonly RecordingSlice[];
  readonly #options: Omit<TraceDatRunOptions, 'events'>;
  readonly #events: EventTable;
  readonly #spare = new Map<number, Uint8Array>();

  /** For slices of so many bytes reads the times of the sub-buffers that they begin with; or takes those that were cut before. */
  constructor(
    options: Omit<TraceDatRunOptions, 'events'>,
    events: readonly TracedEvent[],
    slices: number | readonly RecordingSlice[],
  ) {
    this.#options = options;
    this.#events = new EventTable(events);
    this.slices = typeof slices === 'number' ? cut(options, slices) : slices;
  }

  read(slice: RecordingSlice): SliceRun {
    return new TraceDatRun({ ...this.#options, events: this.#events, spare: this.#spare }, slice);
  }

  rest(border: readonly SliceBorder[]): RecordingSlice {
    const { buffer, format } = this.#options;
    const starts = buffer.cpus.map(({ cpu, size }) => {
      const position = border.find(place => place.cpu === cpu)?.position ?? size;
      return position - (position % format.size);
    });
    return { starts, ends: buffer.cpus.map(({ size }) => size), from: border, until: undefined };
  }
}

/** Most numbers in the starts of all slices: they are few bytes beside a recording, also one that claims thousands of CPUs. */
const MOST_STARTS = 1 << 21;

/** A part of the recording while it is cut. */
interface Part {
  /** For each CPU the sub-buffer that it begins with. */
  readonly first: readonly number[];
  /** For each CPU the sub-buffer that what follows begins with. */
  readonly next: readonly number[];
  readonly from: bigint | undefined;
  readonly until: bigint | undefined;
}

/**
 * Halves parts until they are small enough. Borders are times at which the CPU with the most data in a part begins a
 * sub-buffer. Of each CPU a slice begins with the last sub-buffer before its time: records of the time itself may stand at
 * that one's end. Where times step back that is wrong, and the borders will not fit.
 */
function cut({ file, buffer, format }: Omit<TraceDatRunOptions, 'events'>, bytes: number): RecordingSlice[] {
  const pages = buffer.cpus.map(data => new PageTimes(file.source, data, format));
  const slices: RecordingSlice[] = [];
  const most = Math.max(1, Math.floor(MOST_STARTS / pages.length));
  const wanted = Math.max(bytes / format.size, (2 * pages.reduce((sum, { count }) => sum + count, 0)) / most);
  const left: Part[] = [
    {
      first: pages.map(() => 0),
      next: pages.map(({ count }) => count),
      from: undefined,
      until: undefined,
    },
  ];
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    const { first, next, from, until } = part;
    const isLarge = size(part) > wanted && slices.length + left.length < most;
    const time = isLarge ? middleTime(part, pages) : undefined;
    if (time === undefined) {
      const starts = first.map(page => page * format.size);
      // The sub-buffer that the next part begins with has this one's last records.
      const ends = next.map(page => (page + 1) * format.size);
      slices.push({ starts, ends, from, until });
    } else {
      const middle = pages.map((one, cpu) => one.lastBefore(time, first[cpu]!, next[cpu]!));
      left.push({ first: middle, next, from: time, until }, { first, next: middle, from, until: time });
    }
  }
  return slices;
}

/** Sub-buffers of all CPUs. */
function size({ first, next }: Part): number {
  return next.reduce((sum, page, cpu) => sum + page - first[cpu]!, 0);
}

/** A time that cuts a part in two; `undefined` when there is none. */
function middleTime({ first, next, from, until }: Part, pages: readonly PageTimes[]): bigint | undefined {
  const counts = next.map((page, cpu) => page - first[cpu]!);
  const cpu = counts.indexOf(Math.max(...counts));
  if (counts[cpu]! < 2) return undefined;
  const time = pages[cpu]!.time(first[cpu]! + (counts[cpu]! >>> 1));
  const isWithin = (from === undefined || time > from) && (until === undefined || time < until);
  return isWithin ? time : undefined;
}

/** The times of one CPU's sub-buffers. */
class PageTimes {
  readonly count: number;
  readonly #source: ByteSource;
  readonly #offset: number;
  readonly #format: PageFormat;
  readonly #bytes = new Uint8Array(8);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor(source: ByteSource, { offset, size }: CpuData, format: PageFormat) {
    this.#source = source;
    this.#offset = offset;
    this.#format = format;
    this.count = Math.max(0, Math.floor(Math.min(size, source.size - offset) / format.size));
  }

  /** The last sub-buffer of `first` .. `next` that begins before a time, the first when there is none. */
  lastBefore(time: bigint, first: number, next: number): number {
    let low = first;
    let high = Math.min(next + 1, this.count);
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (this.time(middle) < time) low = middle;
      else high = middle;
    }
    return low;
  }

  time(page: number): bigint {
    const place = this.#offset + page * this.#format.size;
    if (this.#source.readInto !== undefined) {
      this.#source.readInto(place, 8, this.#bytes);
      return this.#view.getBigUint64(0, this.#format.littleEndian);
    }
    const bytes = this.#source.read(place, 8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, this.#format.littleEndian);
  }
}
