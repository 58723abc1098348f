import type { EventField } from '../kernel/index.js';
import type { FetchProgram, FetchState, ProbeArgument, ProbeEvent } from '../language/index.js';
import { type Fault, stateOf } from './fault.js';
import type { RecordTarget } from './interpreter.js';
import type { Machine } from './machine.js';
import { compileProgram, interpretProgram, type ProgramRunner } from './runner.js';

/** Largest record that one ring-buffer page of 4 KiB holds (spec 11 R11-12). */
export const maxRecordBytes = 4072;

/** Room for records is made in pieces of this size. */
const slabBytes = 16_384;

/** What a record says beside its arguments. */
export interface RecordHead {
  /** `common_type`: the event's number. */
  readonly id: number;
  /** `common_flags`, spec 12 section 12.2. */
  readonly flags: number;
  readonly preemptCount: number;
  readonly pid: number;
  /** Address of the hit, or for return events the traced function's. */
  readonly ip: bigint;
  /** Where a return event returns to; not used by others. */
  readonly returnIp: bigint;
}

/** A record as the kernel would have written it, and the arguments whose bytes mean nothing. */
export interface EncodedRecord {
  /** From `common_type` on; not rounded up to the ring buffer's alignment. Its buffer holds other records too. */
  readonly bytes: Uint8Array;
  /** How the fetch of each argument went that did not go well: its first fault. */
  readonly states: ReadonlyMap<string, FetchState>;
}

/** Of a record whose arguments all were read. */
export const allRead: ReadonlyMap<string, FetchState> = new Map();

/** Where an argument's value goes, and what fetches it. */
interface EncodedArgument {
  readonly runner: ProgramRunner;
  readonly offset: number;
  readonly isText: boolean;
  readonly onFault: (fault: Fault) => void;
}

/**
 * Encodes the hits of one event: common fields, addresses, packed arguments, then the bytes of texts (spec 03 section 3).
 * Bytes that the kernel leaves unspecified are zero.
 */
export class RecordEncoder {
  readonly #event: ProbeEvent;
  readonly #fixedBytes: number;
  readonly #args: readonly EncodedArgument[];
  #states: Map<string, FetchState> | undefined;
  #slab = new ArrayBuffer(0);
  #slabUsed = 0;

  /** `prepare`: how programs are run, by generated code if nothing else is said. */
  constructor(event: ProbeEvent, prepare: (program: FetchProgram) => ProgramRunner = compileProgram) {
    this.#event = event;
    this.#fixedBytes = fixedBytes(event);
    this.#args = event.args.map(argument => ({
      runner: prepare(argument.program),
      offset: argument.offset,
      isText: isText(argument),
      onFault: fault => this.#noteFault(argument, fault),
    }));
  }

  /**
   * The record of one hit. `machine.entryData` must hold the entry words of a return event.
   *
   * @returns `undefined` when the record does not fit a page: the kernel drops it without a word (spec 03 section 6)
   */
  encode(machine: Machine, head: RecordHead, maxBytes = maxRecordBytes): EncodedRecord | undefined {
    let dynamic = 0;
    for (const { isText, runner } of this.#args) if (isText) dynamic += runner.measure(machine);
    const length = this.#fixedBytes + dynamic;
    if (length > maxBytes) return undefined;

    const target = this.#room(length);
    storeCommonFields(target.view, this.#event.layout.common, head);
    storeAddresses(target.view, this.#event, head);

    this.#states = undefined;
    let next = this.#fixedBytes;
    for (const { isText, runner, offset, onFault } of this.#args) {
      if (isText) presetLocation(target.view, offset, length - next, next);
      next += runner.run(machine, target, offset, onFault);
    }
    return { bytes: target.bytes, states: this.#states ?? allRead };
  }

  /** Zeros for a record, of a slab: a buffer for each record would cost as much as the fetches. */
  #room(length: number): RecordTarget {
    if (length > this.#slab.byteLength - this.#slabUsed) {
      this.#slab = new ArrayBuffer(Math.max(slabBytes, length));
      this.#slabUsed = 0;
    }
    const at = this.#slabUsed;
    this.#slabUsed += length;
    return { bytes: new Uint8Array(this.#slab, at, length), view: new DataView(this.#slab, at, length) };
  }

  #noteFault({ name, program }: ProbeArgument, fault: Fault): void {
    this.#states ??= new Map();
    if (!this.#states.has(name)) this.#states.set(name, stateOf(fault, program));
  }
}

/** One record of an event, by the interpreter. For many, a `RecordEncoder` is faster. */
export function encodeRecord(
  event: ProbeEvent,
  machine: Machine,
  head: RecordHead,
  maxBytes?: number,
): EncodedRecord | undefined {
  return new RecordEncoder(event, interpretProgram).encode(machine, head, maxBytes);
}

/** Stores the common fields of any event's record (spec 11 R11-15: only by the layout's offsets). */
export function storeCommonFields(view: DataView, common: readonly EventField[], head: RecordHead): void {
  for (const field of common) {
    if (field.name === 'common_type') view.setUint16(field.offset, head.id, true);
    else if (field.name === 'common_flags') view.setUint8(field.offset, head.flags);
    else if (field.name === 'common_preempt_count') view.setUint8(field.offset, head.preemptCount);
    else if (field.name === 'common_pid') view.setInt32(field.offset, head.pid, true);
  }
}

function storeAddresses(view: DataView, event: ProbeEvent, head: RecordHead): void {
  for (const field of event.layout.fields) {
    if (field.name === '__probe_ip' || field.name === '__probe_func')
      view.setBigUint64(field.offset, head.ip, true);
    else if (field.name === '__probe_ret_ip') view.setBigUint64(field.offset, head.returnIp, true);
    // Arguments cannot have these names, so the rest are arguments.
    else break;
  }
}

/** Bytes before the dynamic data: the arguments are the last of the fixed part. */
function fixedBytes(event: ProbeEvent): number {
  let end = 0;
  for (const field of [...event.layout.common, ...event.layout.fields])
    end = Math.max(end, field.offset + field.size);
  return end;
}

function isText(argument: ProbeArgument): boolean {
  const { kind } = argument.type;
  return kind === 'string' || kind === 'ustring' || kind === 'symstr';
}

function presetLocation(view: DataView, at: number, length: number, offset: number): void {
  view.setUint32(at, ((length << 16) | offset) >>> 0, true);
}
