import type { FilterExpression, ProbeEvent } from '../../language/index.js';
import { BackendError } from '../error.js';
import { Assembler, Helper, type Label, longestJump, type Width } from './assembler.js';
import { contextRegister, type HitContext, instructionPointer, scratchWord } from './context.js';
import { nullMark, untoldStep } from './failure.js';
import {
  type FetchSteps,
  fetchSteps,
  isKnownText,
  isReadText,
  isTextArray,
  memoryReads,
} from './fetch-steps.js';
import { FilterCode } from './filter.js';
import type { Instruction, Register } from './instruction.js';
import { lossesOffset, tooLongOffset } from './own-memory.js';
import {
  commBytes,
  type HitNeeds,
  lastTextStart,
  longestText,
  type WireLayout,
  wireHead,
  wireLayout,
} from './wire-layout.js';

/** What one program is made from. */
export interface ProgramPlan {
  readonly event: ProbeEvent;
  /** Number of the event in the session: the record's head says it, the program's own memory is under it. */
  readonly index: number;
  readonly context: HitContext;
  readonly needs: HitNeeds;
  /** Slots of a tracing context, behind which lies the frame; `undefined` for one of registers. */
  readonly slots: number | undefined;
  /** Hits that it does not let through are no records. */
  readonly filter?: FilterExpression | undefined;
}

/** A program, and how what it sends is laid out. */
export interface GeneratedProgram {
  readonly instructions: readonly Instruction[];
  readonly layout: WireLayout;
  /** The record is made in memory of the program's own and then put into the ring buffer. */
  readonly apart: boolean;
  /** Where in that memory its losses are counted. */
  readonly lossesAt: number;
  /** Stages of each argument's program. */
  readonly steps: readonly FetchSteps[];
}

/** Submits without waking anybody: the reader looks by itself. */
const NO_WAKEUP = 1n;
/** The record, or what becomes one. */
const record: Register = 7;
/** Where the next text goes, from the start of what goes into the ring buffer. */
const textStart: Register = 8;
/** The pointer that is being followed, without the offset. */
const pointer: Register = 9;
/** Place in the frame for a map's key. */
const key = -16;

/**
 * Makes the program that records a hit of an event. Without texts a record has one size: it is reserved in the ring
 * buffer and filled there. With texts it grows in memory of the program's own, and its used part goes to the ring buffer;
 * with a filter, if that lets it through.
 */
export function generateProgram(plan: ProgramPlan): GeneratedProgram {
  const steps = plan.event.args.map(({ name, program }) => {
    const found = fetchSteps(program);
    if (found === undefined) throw new RangeError(`the program of ${name} is not for eBPF`);
    return found;
  });
  const layout = wireLayout(plan.event, steps, plan.needs);
  const apart = layout.hasText || plan.filter !== undefined;
  const lossesAt = lossesOffset(layout, apart);
  const instructions = new Generator(plan, layout, steps, apart, lossesAt).generate();
  return { instructions, layout, apart, lossesAt, steps };
}

class Generator {
  readonly #plan: ProgramPlan;
  readonly #layout: WireLayout;
  readonly #steps: readonly FetchSteps[];
  readonly #apart: boolean;
  readonly #lossesAt: number;
  readonly #assembler = new Assembler();
  readonly #lost: Label;
  readonly #tooLong: Label;
  readonly #end: Label;
  /** The end with 0 in r0 already. */
  readonly #exit: Label;
  #texts = 0;

  constructor(
    plan: ProgramPlan,
    layout: WireLayout,
    steps: readonly FetchSteps[],
    apart: boolean,
    lossesAt: number,
  ) {
    this.#apart = apart;
    this.#lossesAt = lossesAt;
    this.#plan = plan;
    this.#layout = layout;
    this.#steps = steps;
    this.#lost = this.#assembler.label();
    this.#tooLong = this.#assembler.label();
    this.#end = this.#assembler.label();
    this.#exit = this.#assembler.label();
  }

  generate(): readonly Instruction[] {
    const assembler = this.#assembler;
    assembler.move(contextRegister, 1);
    if (this.#apart) this.#begin();
    else this.#reserve();
    this.#head();
    this.#plan.event.args.forEach((argument, index) => {
      assembler.origin = argument.name;
      this.#argument(index);
    });
    assembler.origin = undefined;
    this.#filter();
    if (this.#apart) this.#output();
    else this.#submit();
    this.#countLoss();
    if (assembler.farthestJump > longestJump) throw this.#tooLongProgram();
    return assembler.instructions();
  }

  #tooLongProgram(): BackendError {
    const { group, name } = this.#plan.event;
    const message = `the program of ${group}:${name} would jump over ${this.#assembler.farthestJump} instructions, ${longestJump} are possible`;
    return new BackendError('unsupported', message, {
      definition: `${group}:${name}`,
      hints: ['fewer or shorter arguments, arrays of texts above all, make it shorter'],
    });
  }

  #reserve(): void {
    const { recordStart, fixedBytes } = this.#layout;
    const assembler = this.#assembler;
    assembler.mapAddress(1, 'ring');
    assembler.constant(2, BigInt(recordStart + fixedBytes));
    assembler.constant(3, 0n);
    assembler.call(Helper.ringReserve);
    assembler.jumpIf(0, '==', 0, this.#lost);
    assembler.move(record, 0);
  }

  /** The event's own memory of this CPU: a program does not run twice there at a time. */
  #begin(): void {
    const assembler = this.#assembler;
    const { recordStart, fixedBytes, hasText } = this.#layout;
    this.#lookUp();
    assembler.jumpIf(0, '==', 0, this.#exit);
    assembler.move(record, 0);
    if (hasText) assembler.constant(textStart, BigInt(recordStart + fixedBytes));
  }

  /** What every record says. */
  #head(): void {
    const { recordStart, address, frame, faultsStart, clearedFaults } = this.#layout;
    const assembler = this.#assembler;
    // By whole words: the rest of them does not matter.
    this.#clear(faultsStart, Math.ceil(clearedFaults / 8) * 8);
    assembler.call(Helper.monotonicTime);
    assembler.store(8, record, recordStart, 0);
    assembler.call(Helper.pidTgid);
    assembler.store(8, record, recordStart + 8, 0);
    assembler.call(Helper.cpu);
    assembler.store(4, record, wireHead.cpu, 0);
    assembler.storeConstant(4, record, wireHead.index, this.#plan.index);
    this.#pointTo(1, wireHead.comm);
    assembler.constant(2, BigInt(commBytes));
    assembler.call(Helper.comm);
    if (address !== undefined) {
      assembler.move(1, contextRegister);
      assembler.call(Helper.functionAddress);
      assembler.store(8, record, address, 0);
    }
    if (frame !== undefined) this.#frame(frame);
  }

  /** Where a return goes to: of registers the instruction pointer, of a trampoline two words behind its saved frame. */
  #frame(frame: number): void {
    const assembler = this.#assembler;
    const { slots } = this.#plan;
    if (slots === undefined) {
      assembler.load(8, 1, contextRegister, instructionPointer);
      assembler.store(8, record, frame, 1);
      return;
    }
    this.#pointTo(1, frame);
    assembler.constant(2, 16n);
    assembler.move(3, contextRegister);
    assembler.add(3, 8 * (slots + 2));
    assembler.call(Helper.probeRead);
  }

  #argument(index: number): void {
    const steps = this.#steps[index]!;
    if (isKnownText(steps)) return;
    if (isTextArray(steps)) return this.#textArray(index, steps);
    const reads = memoryReads(steps);
    const failed = Array.from({ length: reads }, () => this.#assembler.label());
    if (isReadText(steps)) this.#oneText(index, steps, failed);
    else if (steps.store.op === 'ST_SYMSTR') this.#symbolAddress(index, steps, failed);
    else if (steps.store.op === 'ST_RAW') this.#rawNumber(index, steps, failed);
    else if (steps.bitfield !== undefined) this.#readBitfields(index, steps, failed);
    else this.#readNumbers(index, steps, failed);
    const at = this.#layout.faults.get(index);
    if (at === undefined) return;
    const assembler = this.#assembler;
    const done = assembler.label();
    if (isReadText(steps)) assembler.jump(done);
    else assembler.jumpIf(0, '==', 0, done);
    this.#failure(failed);
    assembler.store(1, record, at, 0);
    if (isReadText(steps)) assembler.storeConstant(4, record, this.#argumentAt(index), 0);
    assembler.bind(done);
  }

  /** Where an argument lies in what goes into the ring buffer. */
  #argumentAt(index: number): number {
    return this.#layout.recordStart + this.#plan.event.args[index]!.offset;
  }

  /** Makes of a read's error in r0 what `failureState` understands. What failed last runs into it, the others jump. */
  #failure(failed: readonly Label[]): void {
    const assembler = this.#assembler;
    for (let step = failed.length - 1; step >= 0; step--) {
      assembler.bind(failed[step]!);
      if (step > 0 && step <= untoldStep) assembler.operate('-=', 0, 1);
    }
    this.#markNull();
  }

  #markNull(): void {
    const assembler = this.#assembler;
    const isTold = assembler.label();
    assembler.jumpIf(pointer, '!=', 0, isTold);
    assembler.operate('-=', 0, nullMark);
    assembler.bind(isTold);
  }

  #rawNumber(
    index: number,
    { load, dereferences, store, bitfield }: FetchSteps,
    failed: readonly Label[],
  ): void {
    const size = (store as { size: Width }).size;
    const at = this.#argumentAt(index);
    const assembler = this.#assembler;
    if (load.op === 'IMM' && bitfield === undefined && fitsStore(load.value, size)) {
      assembler.storeConstant(size, record, at, Number(BigInt.asIntN(32, load.value)));
      return;
    }
    this.#value(load, dereferences, 1, failed);
    if (bitfield !== undefined) this.#shift(1, bitfield);
    assembler.store(size, record, at, 1);
  }

  #symbolAddress(index: number, { load, dereferences, store }: FetchSteps, failed: readonly Label[]): void {
    this.#value(load, dereferences, 1, failed);
    this.#assembler.add(1, (store as { offset: number }).offset);
    this.#assembler.store(8, record, this.#layout.symbolAddresses.get(index)!, 1);
  }

  #readNumbers(index: number, steps: FetchSteps, failed: readonly Label[]): void {
    const { load, dereferences, store, count } = steps;
    const { op, size, offset: from } = store as Extract<typeof store, { op: 'ST_MEM' | 'ST_UMEM' }>;
    const assembler = this.#assembler;
    this.#value(load, dereferences, 3, failed);
    assembler.move(pointer, 3);
    assembler.add(3, from);
    this.#pointTo(1, this.#argumentAt(index));
    assembler.constant(2, BigInt(size * Math.max(1, count)));
    assembler.call(op === 'ST_MEM' ? Helper.probeRead : Helper.readUser);
  }

  /** Of an array each element is read and shifted; the first that cannot be read ends it. */
  #readBitfields(index: number, steps: FetchSteps, failed: readonly Label[]): void {
    const { load, dereferences, count } = steps;
    const {
      op,
      size,
      offset: from,
    } = steps.store as Extract<typeof steps.store, { op: 'ST_MEM' | 'ST_UMEM' }>;
    const bitfield = steps.bitfield!;
    const assembler = this.#assembler;
    // The kernel takes bits behind the field from whatever follows in the record; here they are read where they are.
    const read: Width = bitfield.base === 8 && 64 - bitfield.left > size * 8 ? 8 : (size as Width);
    const elements = Math.max(1, count);
    for (let element = 0; element < elements; element++) {
      this.#value(load, dereferences, 3, failed);
      assembler.move(pointer, 3);
      assembler.add(3, from + element * size);
      this.#readWord(op === 'ST_MEM', read);
      if (elements > 1) assembler.jumpIf(0, '!=', 0, failed.at(-1)!);
      assembler.load(read, 1, 10, scratchWord);
      this.#shift(1, bitfield);
      assembler.store(size as Width, record, this.#argumentAt(index) + element * size, 1);
    }
  }

  /** Leaves the bits of a field that the shifts of its base size leave. */
  #shift(value: Register, { base, left, right }: { base: number; left: number; right: number }): void {
    const spare = 64 - 8 * base;
    this.#assembler.operate('<<=', value, left + spare);
    this.#assembler.operate('>>=', value, right + spare);
  }

  #oneText(index: number, { load, dereferences, store }: FetchSteps, failed: readonly Label[]): void {
    const assembler = this.#assembler;
    this.#value(load, dereferences, 3, failed);
    assembler.move(pointer, 3);
    assembler.add(3, (store as { offset: number }).offset);
    this.#text(this.#argumentAt(index), store.op === 'ST_USTRING', failed.at(-1)!);
  }

  /** The elements' pointers lie one behind another; the first that cannot be read ends the array. */
  #textArray(index: number, steps: FetchSteps): void {
    const { load, dereferences, store, count } = steps;
    const first = this.#argumentAt(index);
    const at = this.#layout.faults.get(index)!;
    const assembler = this.#assembler;
    const end = assembler.label();
    const last = dereferences.at(-1)!;
    this.#clear(first, 4 * count);
    for (let element = 0; element < count; element++) {
      const next = assembler.label();
      const textFailed = assembler.label();
      const failed = dereferences.map(() => assembler.label());
      const own = { op: last.op, offset: last.offset + 8 * element } as const;
      this.#value(load, [...dereferences.slice(0, -1), own], 3, failed);
      assembler.move(pointer, 3);
      this.#text(first + 4 * element, store.op === 'ST_USTRING', textFailed);
      assembler.jump(next);
      assembler.bind(textFailed);
      assembler.operate('-=', 0, Math.min(dereferences.length, untoldStep));
      this.#markNull();
      this.#elementFailed(at, element);
      assembler.jump(next);
      this.#failure(failed);
      this.#elementFailed(at, element);
      assembler.jump(end);
      assembler.bind(next);
    }
    assembler.bind(end);
  }

  /** Of several elements that cannot be read the first is told. */
  #elementFailed(at: number, element: number): void {
    const assembler = this.#assembler;
    const isTold = assembler.label();
    if (element > 0) {
      assembler.load(1, 1, record, at);
      assembler.jumpIf(1, '!=', 0, isTold);
      assembler.storeConstant(1, record, at + 1, element);
    }
    assembler.store(1, record, at, 0);
    assembler.bind(isTold);
  }

  /** Reads the text at r3 to the end of the record, and stores where it lies. */
  #text(location: number, user: boolean, fault: Label): void {
    const assembler = this.#assembler;
    const { recordStart, fixedBytes } = this.#layout;
    const isFirst = this.#texts++ === 0;
    if (!isFirst) assembler.jumpIf(textStart, '>', recordStart + lastTextStart, this.#tooLong);
    assembler.move(1, record);
    if (isFirst) assembler.add(1, recordStart + fixedBytes);
    else assembler.operateBy('+=', 1, textStart);
    assembler.constant(2, BigInt(longestText));
    assembler.call(user ? Helper.readUserText : Helper.probeReadText);
    assembler.jumpIf(0, 's<=', 0, fault);
    // What says where it lies: the length above the place, which counts from the start of the probe record.
    if (!isFirst) assembler.move(1, textStart);
    assembler.operateBy('+=', textStart, 0);
    assembler.operate('<<=', 0, 16);
    if (isFirst) assembler.operate('|=', 0, fixedBytes);
    else {
      assembler.operateBy('+=', 0, 1);
      assembler.add(0, -recordStart);
    }
    assembler.store(4, record, location, 0);
  }

  /** A root and what it points to, into `dst`; a pointer that cannot be read leads to `failed` of its step with r0 other than 0. */
  #value(
    load: FetchSteps['load'],
    dereferences: FetchSteps['dereferences'],
    dst: Register,
    failed: readonly Label[],
  ): void {
    const assembler = this.#assembler;
    const root = dereferences.length > 0 ? 3 : dst;
    if (load.op === 'IMM') assembler.constant(root, load.value);
    else this.#plan.context.load(assembler, load, root);
    dereferences.forEach(({ op, offset }, step) => {
      assembler.move(pointer, 3);
      assembler.add(3, offset);
      this.#readWord(op === 'DEREF', 8);
      assembler.jumpIf(0, '!=', 0, failed[step]!);
      assembler.load(8, step === dereferences.length - 1 ? dst : 3, 10, scratchWord);
    });
  }

  /** Reads the memory at r3 into the frame; r0 is 0 when it could be read. */
  #readWord(byAddress: boolean, size: Width): void {
    const assembler = this.#assembler;
    assembler.move(1, 10);
    assembler.add(1, scratchWord);
    assembler.constant(2, BigInt(size));
    assembler.call(byAddress ? Helper.probeRead : Helper.readUser);
  }

  /** Writes zeros, in stores as wide as there are. */
  #clear(from: number, bytes: number): void {
    for (let at = from; at < from + bytes; ) {
      const width = ([8, 4, 2, 1] as const).find(one => at + one <= from + bytes)!;
      this.#assembler.storeConstant(width, record, at, 0);
      at += width;
    }
  }

  #pointTo(register: Register, offset: number): void {
    this.#assembler.move(register, record);
    this.#assembler.add(register, offset);
  }

  #filter(): void {
    const { filter, event } = this.#plan;
    if (filter === undefined) return;
    const assembler = this.#assembler;
    const passed = assembler.label();
    assembler.origin = 'the filter';
    new FilterCode(assembler, record, event, this.#steps, this.#layout).test(filter, passed, this.#end);
    assembler.bind(passed);
    assembler.origin = undefined;
  }

  #submit(): void {
    const assembler = this.#assembler;
    assembler.move(1, record);
    assembler.constant(2, NO_WAKEUP);
    assembler.call(Helper.ringSubmit);
    assembler.jump(this.#end);
  }

  #output(): void {
    const assembler = this.#assembler;
    const { recordStart, fixedBytes, hasText } = this.#layout;
    assembler.mapAddress(1, 'ring');
    assembler.move(2, record);
    if (hasText) assembler.move(3, textStart);
    else assembler.constant(3, BigInt(recordStart + fixedBytes));
    assembler.constant(4, NO_WAKEUP);
    assembler.call(Helper.ringOutput);
    assembler.jumpIf(0, '==', 0, this.#exit);
  }

  /** Counts a hit that is no record. */
  #countLoss(): void {
    const assembler = this.#assembler;
    assembler.bind(this.#lost);
    if (!this.#apart) {
      this.#lookUp();
      assembler.jumpIf(0, '==', 0, this.#exit);
      assembler.constant(1, 1n);
      assembler.atomicAdd(0, this.#lossesAt, 1);
    } else {
      this.#countOwn(0);
      if (this.#texts > 1) {
        assembler.jump(this.#end);
        assembler.bind(this.#tooLong);
        this.#countOwn(tooLongOffset);
      }
    }
    assembler.bind(this.#end);
    assembler.constant(0, 0n);
    assembler.bind(this.#exit);
    assembler.exit();
  }

  #countOwn(offset: number): void {
    this.#assembler.constant(1, 1n);
    this.#assembler.atomicAdd(record, this.#lossesAt + offset, 1);
  }

  /** The memory that the program has on this processor, or 0, into r0. */
  #lookUp(): void {
    const assembler = this.#assembler;
    assembler.storeConstant(4, 10, key, this.#plan.index);
    assembler.mapAddress(1, 'own');
    assembler.move(2, 10);
    assembler.add(2, key);
    assembler.call(Helper.mapLookup);
  }
}

/** Whether a store of a constant writes exactly the value. */
function fitsStore(value: bigint, size: Width): boolean {
  return size < 8 || BigInt.asIntN(64, value) === BigInt.asIntN(32, value);
}
