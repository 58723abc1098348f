import type { EncodedRecord } from '../../program/index.js';
import type { CpuLosses } from '../session.js';
import type { RecordFilter } from './record-filter.js';
import { SimRing, type TakenPages } from './ring.js';
import type { SimHit } from './sim-kernel.js';

/** Puts hits into the ring buffers of their CPUs, and counts what does not get there. */
export class Recorder {
  /** Hits so far: records, lost ones included; none that a filter kept. */
  hits = 0;
  private readonly rings: readonly SimRing[];
  /** By CPU: records too large for a sub-buffer. */
  private readonly tooLarge: number[];
  private recording = true;

  /** `pages`: sub-buffers of each CPU. `maxHits`: recording ends by itself after so many. */
  constructor(
    cpus: number,
    pages: number,
    readonly maxHits: number,
  ) {
    this.rings = Array.from({ length: cpus }, () => new SimRing(pages));
    this.tooLarge = Array.from({ length: cpus }, () => 0);
  }

  /** True until `maxHits` were seen or recording was stopped. */
  get isRecording(): boolean {
    return this.recording && this.hits < this.maxHits;
  }

  stop(): void {
    this.recording = false;
  }

  /**
   * Records a hit that `filter` lets through. `encode` is given the largest size that fits, and gives `undefined` for what
   * is larger.
   */
  record(
    hit: SimHit,
    encode: (largest: number) => EncodedRecord | undefined,
    filter: RecordFilter | undefined,
  ): void {
    const { cpu, time } = hit;
    const ring = this.rings[cpu];
    if (!ring || !this.isRecording) return;
    const record = encode(ring.largestRecord);
    if (record && filter?.(record, hit) === false) return;
    this.hits++;
    if (record) ring.write(time, record.bytes, record.states);
    else this.tooLarge[cpu]!++;
  }

  /** Takes what a CPU's buffer holds. */
  take(cpu: number): TakenPages {
    return this.rings[cpu]?.take() ?? { pages: [], states: [] };
  }

  /**
   * Losses of each CPU. A record that is too large for a sub-buffer counts as dropped: a kernel does not count it
   * at all, but nothing may vanish here.
   */
  losses(): CpuLosses[] {
    return this.rings.map(({ overrun }, cpu) => ({
      cpu,
      overrun,
      commitOverrun: 0,
      dropped: this.tooLarge[cpu] ?? 0,
    }));
  }
}
