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
    return { starts, from: border, until: undefined };
  }
}

/**
 * Borders are times at which the CPU with the most data begins a sub-buffer. Of each CPU a slice begins with the last
 * sub-buffer before its time: records of the time itself may stand at that one's end. Where times step back that is wrong,
 * and the borders will not fit.
 */
function cut({ file, buffer, format }: Omit<TraceDatRunOptions, 'events'>, bytes: number): RecordingSlice[] {
  const { cpus } = buffer;
  const pages = cpus.map(data => new PageTimes(file.source, data, format));
  const all = pages.reduce((sum, { count }) => sum + count, 0);
  const largest = pages.reduce((most, one) => (one.count > most.count ? one : most));
  const step = Math.max(1, Math.round((bytes / format.size) * (largest.count / all)));
  const slices: RecordingSlice[] = [];
  let starts = cpus.map(() => 0);
  let from: bigint | undefined;
  for (let page = step; page < largest.count; page += step) {
    const until = largest.time(page);
    if (from !== undefined && until <= from) continue;
    slices.push({ starts, from, until });
    starts = pages.map((one, index) => one.lastBefore(until, starts[index]! / format.size) * format.size);
    from = until;
  }
  slices.push({ starts, from, until: undefined });
  return slices;
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

  time(page: number): bigint {
    const place = this.#offset + page * this.#format.size;
    if (this.#source.readInto !== undefined) {
      this.#source.readInto(place, 8, this.#bytes);
      return this.#view.getBigUint64(0, this.#format.littleEndian);
    }
    const bytes = this.#source.read(place, 8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, this.#format.littleEndian);
  }

  /** The last sub-buffer that begins before a time, from `first` on, which is taken when there is none. */
  lastBefore(time: bigint, first: number): number {
    let low = first;
    let high = this.count;
    for (let step = 1; low + step < high; step *= 2) {
      if (this.time(low + step) >= time) high = low + step;
      else low += step;
    }
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (this.time(middle) < time) low = middle;
      else high = middle;
    }
    return low;
  }
}
