import type {
  BodyEmitter,
  DigitStyle,
  ListedText,
  ListMarks,
  LocatedCharacters,
  QuotedCharacters,
  StoredBits,
} from '../body-emitter.js';
import type { BodyCall } from '../generated-text.js';
import type { BytesNode, IntNode, IntSize } from '../print-tree.js';
import type { AddressText } from '../symbol-text.js';
import type { Access, Code } from './code.js';
import { MOST_TEXT, NOT_WRITTEN } from './layout.js';
import type { Runtime } from './runtime.js';
import { cutTo, END, START, type WasmNumber, WasmNumbers } from './wasm-number.js';

const PLACE = 2;

const NUMBER_ROOM = 24;
/** Who needs more is not worth a function: lines are short. */
const MOST_ROOM = 1 << 16;
const VECTOR = 16;
const QUOTE = Uint8Array.of(0x22);
/** The most bytes that JSON makes of one. */
const MOST_ESCAPED = 6;

/** The numbers by which the host knows what it is to write. */
export interface HostNumbers {
  /** 1 or more. */
  kindOf(texts: AddressText): number;
  callOf(call: BodyCall): number;
}

/** Thrown where a line becomes longer than one that is worth a function. */
export class LineTooLong extends Error {}

/** Makes the WebAssembly of an event's body, for records of little-endian machines. Its methods may throw `LineTooLong`. */
export class WasmBody implements BodyEmitter<WasmNumber> {
  readonly #code: Code;
  readonly #runtime: Runtime;
  readonly #host: HostNumbers;
  readonly #numbers: WasmNumbers;
  /** Fixed bytes that are not written yet: more may follow. */
  #pending: number[] = [];
  /** Bytes written behind what the variable of the place says. */
  #behind = 0;
  #room = 0;
  #strings = 0;
  /** 1 once a call has written; `undefined` while there is no code for a call. */
  #called: number | undefined;

  /** `code` is of `lineType`. The function may only be called for records of `fixedSize` bytes or more. */
  constructor(code: Code, runtime: Runtime, fixedSize: number, host: HostNumbers) {
    this.#code = code;
    this.#runtime = runtime;
    this.#host = host;
    this.#numbers = new WasmNumbers(code, fixedSize);
  }

  /** The most bytes that are written, beside what the host writes and `strings`. */
  get room(): number {
    return this.#room;
  }

  /** How many parts may each be as long as the record. */
  get strings(): number {
    return this.#strings;
  }

  /** Whether the function may be used; else the event is to be left to others. */
  get isUsable(): boolean {
    return this.#numbers.isUsable;
  }

  label(bytes: Uint8Array): void {
    this.#need(bytes.length);
    for (const byte of bytes) this.#pending.push(byte);
  }

  field(size: IntSize, signed: boolean, offset: number): WasmNumber {
    return this.#numbers.field(size, signed, offset);
  }

  value(node: IntNode): WasmNumber {
    return this.#numbers.value(node);
  }

  cut(value: WasmNumber, bits: 8 | 16 | 32 | 64, signed: boolean): WasmNumber {
    if (bits === 64) {
      if (value.bits === 64) return { ...value, signed };
      // A number that has no sign keeps its value with one.
      if (value.signed === signed || !value.signed) return value;
      return { bits: 64, signed, push: () => this.#pushWide(value) };
    }
    const push = () => {
      this.#pushLow(value);
      if (bits !== 32) cutTo(this.#code, bits, signed);
    };
    return { bits: 32, signed, push };
  }

  bits(value: WasmNumber, { offset, width, signed }: StoredBits): WasmNumber {
    const code = this.#code;
    const rest = 32 - width;
    const push = () => {
      if (offset + width > 32) {
        this.#pushWide(value);
        code.i64(BigInt(offset)).op('i64.shr_u', 'i32.wrap_i64');
      } else {
        this.#pushLow(value);
        code.i32(offset).op('i32.shr_u');
      }
      code
        .i32(rest)
        .op('i32.shl')
        .i32(rest)
        .op(signed ? 'i32.shr_s' : 'i32.shr_u');
    };
    return { bits: 32, signed, push };
  }

  number(style: DigitStyle, value: WasmNumber): void {
    const { digits } = this.#runtime;
    this.#need(NUMBER_ROOM);
    this.#pushPlace();
    if (style === 'pointer') {
      this.#pushWide(value);
      this.#code.call(digits.pointer);
    } else if (style === 'hex') {
      this.#pushWide({ ...value, signed: false });
      this.#code.call(digits.hex);
    } else {
      value.push();
      if (value.bits === 64) this.#code.call(value.signed ? digits.signed64 : digits.decimal64);
      else this.#code.call(value.signed ? digits.signed32 : digits.decimal32);
    }
    this.#setPlace();
  }

  character(value: WasmNumber): void {
    this.#need(1);
    this.#flush();
    this.#code.get(PLACE);
    this.#pushLow(value);
    this.#code.at('i32.store8', this.#behind++);
  }

  text(texts: AddressText, value: WasmNumber): void {
    this.#code.scratch('i32', text => {
      this.#find(texts, () => this.#pushWide(value), text);
      this.#putText(text);
    });
  }

  list({ opening, separator, closing }: ListMarks, members: readonly ListedText<WasmNumber>[]): void {
    const code = this.#code;
    this.settle();
    code.scratch('i32', listed => {
      code.i32(0).set(listed);
      for (const { label, texts, value } of members) {
        code.block(end => {
          code.scratch('i64', wide => {
            this.#pushWide(value);
            code.set(wide);
            // Not to ask for, and to keep, the empty text of numbers that are many.
            const { emptyBelow } = texts;
            if (emptyBelow > 0)
              code
                .get(wide)
                .i64(BigInt(emptyBelow) << 32n)
                .op('i64.lt_u')
                .brIf(end);
            code.scratch('i32', text => {
              this.#find(texts, () => code.get(wide), text);
              code.get(text).at('i32.load').op('i32.eqz').brIf(end);
              code.get(listed);
              this.#either(
                () => this.label(separator),
                () => this.label(opening),
              );
              code.i32(1).set(listed);
              this.label(label);
              this.#putText(text);
            });
          });
        });
      }
      code.get(listed);
      this.#either(
        () => this.label(closing),
        () => {},
      );
    });
  }

  /** Sets a variable to the address of a text. */
  #find(texts: AddressText, pushWide: () => void, text: number): void {
    const code = this.#code;
    code.i32(this.#host.kindOf(texts));
    pushWide();
    code.call(this.#runtime.findText).tee(text).op('i32.eqz');
    code.if(() => code.i32(NOT_WRITTEN).op('return'));
  }

  #putText(text: number): void {
    this.#need(MOST_TEXT);
    this.#pushPlace();
    this.#code.get(text).call(this.#runtime.texts.putText);
    this.#setPlace();
  }

  characters(bytes: BytesNode): void {
    if (bytes.kind === 'fixed') {
      const { offset, size } = bytes;
      this.#numbers.need(offset + size);
      this.#need(size);
      this.#untilNul(
        () => this.#pushAddress(offset),
        () => this.#pushAddress(offset + size),
      );
      return;
    }
    this.#strings++;
    const { offset } = bytes;
    const from =
      bytes.kind === 'rest'
        ? () => this.#pushAddress(offset)
        : () => {
            this.#pushAddress(bytes.relative ? offset + 4 : 0);
            this.#pushLocation(offset);
            this.#code.i32(0xffff).op('i32.and', 'i32.add');
          };
    this.#untilNul(from, () => this.#code.get(END));
  }

  located(offset: number, instead: { readonly fault: Uint8Array; readonly overflow: Uint8Array }): void {
    const code = this.#code;
    this.#strings++;
    this.settle();
    code.scratch('i32', from => {
      this.#pushLocation(offset);
      code.tee(from).i32(16).op('i32.shr_u');
      this.#either(
        () => {
          code.get(START).get(from).i32(0xffff).op('i32.and', 'i32.add').tee(from);
          code.get(END).op('i32.lt_u');
          this.#either(
            () => {
              this.label(QUOTE);
              this.#untilNul(
                () => code.get(from),
                () => code.get(END),
              );
              this.label(QUOTE);
            },
            () => this.label(instead.overflow),
          );
        },
        () => this.label(instead.fault),
      );
    });
  }

  quoted(characters: QuotedCharacters, otherwise: BodyCall): void {
    const code = this.#code;
    this.#need(2 * QUOTE.length);
    this.settle();
    code.scratch('i32', written => {
      this.#pushQuoted(characters);
      code.tee(written).i32(0).op('i32.lt_s');
      this.#either(
        () => this.call(otherwise),
        () => {
          code.get(written);
          this.#setPlace();
        },
      );
    });
  }

  /** Leaves the place behind characters that are written on the stack, or `NOT_WRITTEN`. */
  #pushQuoted(characters: QuotedCharacters): void {
    const code = this.#code;
    const { putQuoted } = this.#runtime.texts;
    const { offset } = characters;
    if (characters.kind === 'located') {
      this.#pushLocated(characters);
      return;
    }
    code.get(PLACE);
    this.#pushAddress(offset);
    if (characters.kind === 'fixed') {
      const end = offset + characters.size;
      this.#numbers.need(end);
      this.#need(characters.size * MOST_ESCAPED);
      this.#pushAddress(end);
    } else {
      this.#numbers.need(offset);
      this.#strings += MOST_ESCAPED;
      code.get(END);
    }
    code.call(putQuoted);
  }

  #pushLocated({ offset, relative, least, most, others }: LocatedCharacters): void {
    const code = this.#code;
    this.#strings += MOST_ESCAPED;
    code.scratch('i32', from => {
      code.scratch('i32', length => {
        this.#pushLocation(offset);
        code.tee(from).i32(16).op('i32.shr_u').set(length);
        code.get(from).i32(0xffff).op('i32.and').set(from);
        code
          .get(length)
          .i32(least)
          .op('i32.sub')
          .i32(most - least)
          .op('i32.le_u');
        for (const other of others) {
          this.#pushLocation(other);
          code.i32(0xffff).op('i32.and').get(from).op('i32.sub').get(length).op('i32.ge_u', 'i32.and');
        }
        this.#pushAddress(relative ? offset + 4 : 0);
        code.get(from).op('i32.add').tee(from).get(length).op('i32.add').get(END).op('i32.le_u', 'i32.and');
        code.if(
          () => {
            code.get(PLACE).get(from).get(from).get(length).op('i32.add');
            code.call(this.#runtime.texts.putQuoted);
          },
          () => code.i32(NOT_WRITTEN),
          'i32',
        );
      });
    });
  }

  choose(condition: IntNode, yes: () => void, no: () => void): void {
    this.settle();
    this.#numbers.condition(condition);
    this.#either(yes, no);
  }

  padded(side: 'start' | 'end', width: number, fill: ' ' | '0', write: () => void): void {
    const code = this.#code;
    const { padStart, padEnd } = this.#runtime.texts;
    this.#need(width);
    this.settle();
    code.scratch('i32', since => {
      code.get(PLACE).set(since);
      write();
      code.get(since);
      this.#pushPlace();
      code
        .i32(width)
        .i32(fill.charCodeAt(0))
        .call(side === 'start' ? padStart : padEnd);
      this.#setPlace();
    });
  }

  call(call: BodyCall): void {
    const code = this.#code;
    this.#called ??= code.local('i32');
    code.i32(1).set(this.#called);
    code.i32(this.#host.callOf(call)).get(START).get(END);
    this.#pushPlace();
    code.call(this.#runtime.hostCall);
    this.#setPlace();
    code.get(PLACE).i32(0).op('i32.lt_s');
    code.if(() => code.i32(NOT_WRITTEN).op('return'));
  }

  /** Writes one or the other, by whether a call has written. */
  whenCalled(yes: () => void, no: () => void): void {
    if (this.#called === undefined) {
      no();
      return;
    }
    this.settle();
    this.#code.get(this.#called);
    this.#either(yes, no);
  }

  /** Ends the function: nothing may follow. */
  finish(): void {
    this.#pushPlace();
  }

  #need(room: number): void {
    this.#room += room;
    if (this.#room > MOST_ROOM) throw new LineTooLong();
  }

  /** One or the other by the condition on the stack; the place must be settled. */
  #either(yes: () => void, no: () => void): void {
    const settled = (write: () => void) => () => {
      write();
      this.settle();
    };
    this.#code.if(settled(yes), settled(no));
  }

  #untilNul(pushFrom: () => void, pushEnd: () => void): void {
    this.#pushPlace();
    pushFrom();
    pushEnd();
    this.#code.call(this.#runtime.texts.putUntilNul);
    this.#setPlace();
  }

  #pushAddress(offset: number): void {
    this.#code.get(START);
    if (offset !== 0) this.#code.i32(offset).op('i32.add');
  }

  #pushLocation(offset: number): void {
    this.#numbers.field(4, false, offset).push();
  }

  #pushLow(value: WasmNumber): void {
    value.push();
    if (value.bits === 64) this.#code.op('i32.wrap_i64');
  }

  #pushWide(value: WasmNumber): void {
    value.push();
    if (value.bits === 32) this.#code.op(value.signed ? 'i64.extend_i32_s' : 'i64.extend_i32_u');
  }

  /** Writes the pending bytes and leaves the place behind them on the stack. */
  #pushPlace(): void {
    this.#flush();
    this.#code.get(PLACE);
    if (this.#behind > 0) this.#code.i32(this.#behind).op('i32.add');
  }

  /** The place is what is on the stack. */
  #setPlace(): void {
    this.#code.set(PLACE);
    this.#behind = 0;
  }

  /** Makes the variable the place itself, for code that is told otherwise. */
  settle(): void {
    if (this.#pending.length === 0 && this.#behind === 0) return;
    this.#pushPlace();
    this.#setPlace();
  }

  #flush(): void {
    const bytes = Uint8Array.from(this.#pending);
    this.#pending = [];
    for (let at = 0; at < bytes.length; at += VECTOR) this.#store(bytes.subarray(at, at + VECTOR));
  }

  /** Writes up to sixteen bytes, rounded up to what one instruction stores. */
  #store(bytes: Uint8Array): void {
    const code = this.#code;
    const padded = new Uint8Array(VECTOR);
    padded.set(bytes);
    const words = new DataView(padded.buffer);
    code.get(PLACE);
    if (bytes.length > 8) code.v128(padded);
    else if (bytes.length > 4) code.i64(words.getBigInt64(0, true));
    else code.i32(words.getInt32(0, true));
    code.at(store(bytes.length), this.#behind);
    this.#behind += bytes.length;
  }
}

function store(count: number): Access {
  if (count > 8) return 'v128.store';
  if (count > 4) return 'i64.store';
  return count > 2 ? 'i32.store' : count === 2 ? 'i32.store16' : 'i32.store8';
}
