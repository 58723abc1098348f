import type { FetchState } from '../../language/index.js';
import { PageWriter } from '../../records/index.js';

/** A record on its way through the buffer, with what the bytes cannot say. */
interface Entry {
  readonly time: bigint;
  readonly bytes: Uint8Array;
  readonly states: ReadonlyMap<string, FetchState>;
}

/** Sub-buffers taken out of the ring, and what their records' bytes cannot say, in their order. */
export interface TakenPages {
  /** Whole sub-buffers, oldest first. */
  readonly pages: readonly Uint8Array[];
  readonly states: readonly ReadonlyMap<string, FetchState>[];
}

/**
 * One CPU's ring buffer in overwrite mode: when it is full, the oldest sub-buffer is given up with all its records,
 * and the next one that is read says how many were lost before it (spec 11 sections 2 and 6).
 */
export class SimRing {
  /** Records overwritten before they were read. */
  overrun = 0;
  private readonly writer = new PageWriter();
  /** Records of the sub-buffer being filled. */
  private filling: Entry[] = [];
  private finished: { readonly bytes: Uint8Array; readonly entries: readonly Entry[] }[] = [];
  private lostSinceRead = 0;

  /** `pages`: sub-buffers in the ring, the one being filled included; at least 2. */
  constructor(private readonly pages: number) {}

  /** Bytes of the largest record. */
  get largestRecord(): number {
    return this.writer.largestPayload;
  }

  /** Appends a record of at most `largestRecord` bytes. Times do not go back. */
  write(time: bigint, bytes: Uint8Array, states: ReadonlyMap<string, FetchState>): void {
    this.writer.write(time, bytes);
    this.collectFinished();
    this.filling.push({ time, bytes, states });
    while (this.finished.length + 1 > this.pages) {
      const lost = this.finished.shift()!.entries.length;
      this.overrun += lost;
      this.lostSinceRead += lost;
    }
  }

  /** Takes everything out, the sub-buffer being filled included. */
  take(): TakenPages {
    this.writer.finishPage();
    this.collectFinished();
    const { finished, lostSinceRead } = this;
    this.finished = [];
    const pages = finished.map(page => page.bytes);
    const states = finished.flatMap(page => page.entries.map(entry => entry.states));
    const first = finished[0];
    if (lostSinceRead > 0 && first) {
      pages.splice(0, 1, ...withLossTold(first.entries, lostSinceRead));
      this.lostSinceRead = 0;
    }
    return { pages, states };
  }

  private collectFinished(): void {
    for (const bytes of this.writer.takePages()) {
      this.finished.push({ bytes, entries: this.filling });
      this.filling = [];
    }
  }
}

/**
 * The records of a sub-buffer again, told what was lost before them. The last one gets a sub-buffer of its own: a full
 * one has no room for the number (spec 11 R11-3), and here it shall be known.
 */
function withLossTold(entries: readonly Entry[], count: number): Uint8Array[] {
  const writer = new PageWriter();
  writer.lose(count);
  for (const [index, { time, bytes }] of entries.entries()) {
    if (index > 0 && index === entries.length - 1) writer.finishPage();
    writer.write(time, bytes);
  }
  writer.finishPage();
  return writer.takePages();
}
