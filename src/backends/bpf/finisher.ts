import type { FetchState, ProbeEvent } from '../../language/index.js';
import { allRead } from '../../program/index.js';
import { PageRecord, type TracedEvent } from '../../records/index.js';
import { failureState } from './failure.js';
import { isKnownText, isReadText, isTextArray } from './fetch-steps.js';
import type { GeneratedProgram } from './generate.js';
import { commBytes, wireHead } from './wire-layout.js';

/** How a symstr's text is made of an address: as the kernel writes it. */
export type SymbolText = (address: bigint) => string;

/** Where a record tells that an argument could not be read. */
interface FaultPlace {
  readonly name: string;
  readonly at: number;
  /** What lies at `offset` says by itself whether it was read: the byte counts only where it does not. */
  readonly isText: boolean;
  /** The byte behind says which element it was. */
  readonly isArray: boolean;
  readonly offset: number;
  /** Bytes that were meant for a number. */
  readonly size: number;
}

/** A text that is put behind a record where it is read. */
interface AddedText {
  /** Of its `__data_loc`, from the record's start. */
  readonly offset: number;
  text(view: DataView, start: number): string | undefined;
}

/** What is known of where the hits of a program come from. */
export interface PlaceOfHits {
  /** Address of the place, 0n where it is not known; asked once, when there is a record. */
  findAddress(): bigint;
  /**
   * The frame of a return is two words of a trampoline's stack, the first of which lies in the function; otherwise it is one
   * word, the place returned to.
   */
  readonly framed: boolean;
  readonly symbolText: SymbolText;
}

/** Makes of what came through the ring buffer the probe record that the kernel would have written. */
export class RecordFinisher {
  readonly event: TracedEvent;
  readonly #start: number;
  readonly #smallest: number;
  readonly #findAddress: () => bigint;
  #address: bigint | undefined;
  readonly #addressAt: number | undefined;
  readonly #frameAt: number | undefined;
  readonly #framed: boolean;
  readonly #isReturn: boolean;
  readonly #faults: readonly FaultPlace[];
  readonly #added: readonly AddedText[];

  constructor(
    traced: TracedEvent,
    event: ProbeEvent,
    program: Pick<GeneratedProgram, 'layout' | 'steps'>,
    { findAddress, framed, symbolText }: PlaceOfHits,
  ) {
    const { layout } = program;
    this.event = traced;
    this.#start = layout.recordStart;
    this.#smallest = layout.recordStart + layout.fixedBytes;
    this.#findAddress = findAddress;
    this.#addressAt = layout.address;
    this.#frameAt = layout.frame;
    this.#framed = framed;
    this.#isReturn = event.isReturn;
    this.#faults = faultPlaces(event, program);
    this.#added = addedTexts(event, program, symbolText);
  }

  /** The record in `source` from `start` to `end`, changed in place; `undefined` when it is too short to be one. */
  finish(source: Uint8Array, view: DataView, start: number, end: number): PageRecord | undefined {
    if (end - start < this.#smallest) return undefined;
    const at = start + this.#start;
    const timeLow = view.getUint32(at, true);
    const timeHigh = view.getUint32(at + 4, true);
    const pid = view.getUint32(at + 8, true);
    const cpu = view.getUint32(start + wireHead.cpu, true);
    const comm = pid === 0 ? '<idle>' : taskName(view, start + wireHead.comm);
    const states = this.#statesOf(source, view, start);
    this.#putHead(view, start, at, pid);
    const made =
      this.#added.length === 0
        ? new PageRecord(this.event, cpu, pid, comm, source, view, at, end, timeHigh, timeLow)
        : this.#extended(source, view, start, at, end, { cpu, pid, comm, timeHigh, timeLow });
    made.states = states;
    return made;
  }

  #putHead(view: DataView, start: number, at: number, pid: number): void {
    const address =
      this.#addressAt === undefined ? this.#placeAddress() : view.getBigUint64(start + this.#addressAt, true);
    const returnsTo = this.#isReturn ? this.#returnAddress(view, start, address) : 0n;
    view.setUint16(at, this.event.layout.id ?? 0, true);
    view.setUint16(at + 2, 0, true);
    view.setUint32(at + 4, pid, true);
    view.setBigUint64(at + 8, address, true);
    if (this.#isReturn) view.setBigUint64(at + 16, returnsTo, true);
  }

  #placeAddress(): bigint {
    this.#address ??= this.#findAddress();
    return this.#address;
  }

  /** 0n where the stack does not look as a trampoline leaves it. */
  #returnAddress(view: DataView, start: number, address: bigint): bigint {
    if (this.#frameAt === undefined) return 0n;
    const first = view.getBigUint64(start + this.#frameAt, true);
    if (!this.#framed) return first;
    const into = first - address;
    return into > 0n && into < 16n ? view.getBigUint64(start + this.#frameAt + 8, true) : 0n;
  }

  /** What could not be read is 0 in the record, whatever was in the memory before. */
  #statesOf(source: Uint8Array, view: DataView, start: number): ReadonlyMap<string, FetchState> {
    let states: Map<string, FetchState> | undefined;
    for (const { name, at, isText, isArray, offset, size } of this.#faults) {
      if (isText && view.getUint32(start + offset, true) !== 0) continue;
      const byte = view.getUint8(start + at);
      if (byte === 0) continue;
      source.fill(0, start + offset, start + offset + size);
      states ??= new Map();
      states.set(name, failureState(byte, isArray ? view.getUint8(start + at + 1) : 0));
    }
    return states ?? allRead;
  }

  #extended(
    source: Uint8Array,
    view: DataView,
    start: number,
    at: number,
    end: number,
    { cpu, pid, comm, timeHigh, timeLow }: Sender,
  ): PageRecord {
    const texts = this.#added.map(one => one.text(view, start));
    const room = texts.reduce((sum, text) => sum + (text === undefined ? 0 : text.length + 1), 0);
    const bytes = new Uint8Array(end - at + room);
    const made = new DataView(bytes.buffer);
    bytes.set(source.subarray(at, end));
    let next = end - at;
    this.#added.forEach(({ offset }, index) => {
      const text = texts[index];
      const length = text === undefined ? 0 : text.length + 1;
      made.setUint32(offset, ((length << 16) | next) >>> 0, true);
      for (let i = 0; i < length - 1; i++) bytes[next + i] = text!.charCodeAt(i);
      next += length;
    });
    return new PageRecord(this.event, cpu, pid, comm, bytes, made, 0, bytes.length, timeHigh, timeLow);
  }
}

function faultPlaces(
  event: ProbeEvent,
  { layout, steps }: Pick<GeneratedProgram, 'layout' | 'steps'>,
): FaultPlace[] {
  return [...layout.faults].map(([index, at]) => {
    const { name, offset, size } = event.args[index]!;
    const isArray = isTextArray(steps[index]!);
    const isText = isReadText(steps[index]!) && !isArray;
    const bytes = isText || isArray ? 0 : size;
    return { name, at, isText, isArray, offset: layout.recordStart + offset, size: bytes };
  });
}

/** Texts that no program reads: of symbols, of the task, of the definition. */
function addedTexts(
  event: ProbeEvent,
  { layout, steps }: Pick<GeneratedProgram, 'layout' | 'steps'>,
  symbolText: SymbolText,
): AddedText[] {
  return event.args.flatMap(({ offset }, index): AddedText[] => {
    const one = steps[index]!;
    const address = layout.symbolAddresses.get(index);
    if (address !== undefined) {
      const fault = layout.faults.get(index);
      const isRead = (view: DataView, start: number) =>
        fault === undefined || view.getUint8(start + fault) === 0;
      const text = (view: DataView, start: number) =>
        isRead(view, start) ? symbolText(view.getBigUint64(start + address, true)) : undefined;
      return [{ offset, text }];
    }
    if (!isKnownText(one)) return [];
    const { load } = one;
    if (load.op === 'DATA') return [{ offset, text: () => load.text }];
    return [{ offset, text: (view, start) => taskName(view, start + wireHead.comm) }];
  });
}

interface Sender {
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  readonly timeHigh: number;
  readonly timeLow: number;
}

function taskName(view: DataView, at: number): string {
  let name = '';
  for (let i = 0; i < commBytes; i++) {
    const byte = view.getUint8(at + i);
    if (byte === 0) break;
    name += String.fromCharCode(byte);
  }
  return name;
}
