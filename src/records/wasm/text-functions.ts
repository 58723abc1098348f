import type { Code } from './code.js';
import { layout, NOT_WRITTEN, TEXT_PLACES, textEntry } from './layout.js';
import type { WasmModule } from './module.js';

/** Functions that copy bytes, and answer the place behind them. */
export interface TextFunctions {
  /** `(place, text)`: the text at an address. */
  readonly putText: number;
  /** `(place, from, end)`: the bytes between two addresses up to the first NUL. */
  readonly putUntilNul: number;
  /** `(place, from, end)`: the bytes between two addresses up to the first NUL as a JSON string; `NOT_WRITTEN` where not all are ASCII. */
  readonly putQuoted: number;
  /** `(since, end, width, fill)`: fills up what was written to a width by moving it. */
  readonly padStart: number;
  /** `(since, end, width, fill)` */
  readonly padEnd: number;
}

const VECTOR = 16;
const BLANK = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export function defineTexts(module: WasmModule): TextFunctions {
  const pad = { parameters: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] } as const;
  return {
    putText: module.define({ parameters: ['i32', 'i32'], results: ['i32'] }, writeText),
    putUntilNul: module.define({ parameters: ['i32', 'i32', 'i32'], results: ['i32'] }, writeUntilNul),
    putQuoted: module.define({ parameters: ['i32', 'i32', 'i32'], results: ['i32'] }, writeQuoted),
    padStart: module.define(pad, writePadStart),
    padEnd: module.define(pad, writePadEnd),
  };
}

/**
 * `(kind, value) -> text`: the address of the text that stands for a number, 0 for none. `make` of the same type is asked
 * where the cache has none. Kinds count from 1.
 */
export function defineFindText(module: WasmModule, make: number): number {
  return module.define({ parameters: ['i32', 'i64'], results: ['i32'] }, code => {
    const [kind, value] = [0, 1];
    const entry = code.local('i32');
    const text = code.local('i32');
    const { textCache } = layout;
    const shift = 64 - Math.log2(TEXT_PLACES * textEntry.size);
    code.get(value).get(kind).op('i64.extend_i32_u').i64(0xd6e8_feb8_6659_fd93n).op('i64.mul', 'i64.xor');
    code.i64(0x9e37_79b9_7f4a_7c15n).op('i64.mul').i64(BigInt(shift)).op('i64.shr_u', 'i32.wrap_i64');
    code.i32(-textEntry.size).op('i32.and').tee(entry);
    code
      .at('i64.load', textCache + textEntry.value)
      .get(value)
      .op('i64.eq');
    code
      .get(entry)
      .at('i32.load', textCache + textEntry.kind)
      .get(kind)
      .op('i32.eq', 'i32.and');
    code.if(() =>
      code
        .get(entry)
        .at('i32.load', textCache + textEntry.text)
        .op('return'),
    );
    code.get(kind).get(value).call(make).tee(text);
    code.if(() => {
      code
        .get(entry)
        .get(value)
        .at('i64.store', textCache + textEntry.value);
      code
        .get(entry)
        .get(kind)
        .at('i32.store', textCache + textEntry.kind);
      code
        .get(entry)
        .get(text)
        .at('i32.store', textCache + textEntry.text);
    });
    code.get(text);
  });
}

function writeText(code: Code): void {
  const [place, text] = [0, 1];
  const length = code.local('i32');
  const copied = code.local('i32');
  code.get(place).get(text).at('v128.load', 4).at('v128.store');
  code.get(text).at('i32.load').tee(length).i32(VECTOR).op('i32.gt_u');
  code.if(() => {
    code.i32(VECTOR).set(copied);
    code.loop(again => {
      code.get(place).get(copied).op('i32.add');
      code.get(text).get(copied).op('i32.add').at('v128.load', 4).at('v128.store');
      code.get(copied).i32(VECTOR).op('i32.add').tee(copied).get(length).op('i32.lt_u').brIf(again);
    });
  });
  code.get(place).get(length).op('i32.add');
}

function writeUntilNul(code: Code): void {
  const [place, from, end] = [0, 1, 2];
  const bytes = code.local('v128');
  const count = code.local('i32');
  code.block(done => {
    code.get(from).get(end).op('i32.ge_u').brIf(done);
    code.loop(again => {
      code.get(place).get(from).at('v128.load').tee(bytes).at('v128.store');
      code.get(bytes).v128(new Uint8Array(VECTOR)).op('i8x16.eq', 'i8x16.bitmask');
      code
        .i32(1 << VECTOR)
        .op('i32.or', 'i32.ctz')
        .set(count);
      code.get(end).get(from).op('i32.sub').get(count).op('i32.le_u');
      code.if(() => code.get(place).get(end).get(from).op('i32.sub', 'i32.add', 'return'));
      code.get(place).get(count).op('i32.add').set(place);
      code.get(from).i32(VECTOR).op('i32.add').set(from);
      code.get(count).i32(VECTOR).op('i32.eq').brIf(again);
    });
  });
  code.get(place);
}

function writeQuoted(code: Code): void {
  const [place, from, end] = [0, 1, 2];
  const bytes = code.local('v128');
  const count = code.local('i32');
  const byte = code.local('i32');
  const escaped = code.local('i64');
  const every = (value: number) => code.v128(new Uint8Array(VECTOR).fill(value));
  const putQuote = () => code.get(place).i32(QUOTE).at('i32.store8');
  putQuote().get(place).i32(1).op('i32.add').set(place);
  code.block(done => {
    code.loop(again => {
      code.get(from).get(end).op('i32.ge_u').brIf(done);
      code.get(place).get(from).at('v128.load').tee(bytes).at('v128.store');
      // With a sign, bytes that are not ASCII are the lowest.
      code.get(bytes);
      every(BLANK).op('i8x16.lt_s').get(bytes);
      every(QUOTE).op('i8x16.eq', 'v128.or').get(bytes);
      every(BACKSLASH).op('i8x16.eq', 'v128.or', 'i8x16.bitmask');
      code
        .i32(1 << VECTOR)
        .op('i32.or', 'i32.ctz')
        .set(count);
      code.get(end).get(from).op('i32.sub').get(count).op('i32.le_u');
      code.if(() => code.get(place).get(end).get(from).op('i32.sub', 'i32.add').set(place).br(done));
      code.get(place).get(count).op('i32.add').set(place);
      code.get(from).get(count).op('i32.add').set(from);
      code.get(count).i32(VECTOR).op('i32.eq').brIf(again);
      code.get(from).at('i32.load8_u').tee(byte).op('i32.eqz').brIf(done);
      code.get(byte).i32(0x80).op('i32.ge_u');
      code.if(() => code.i32(NOT_WRITTEN).op('return'));
      code
        .get(place)
        .get(byte)
        .i32(3)
        .op('i32.shl')
        .at('i64.load', layout.escapes)
        .tee(escaped)
        .at('i64.store');
      code.get(place).get(escaped).i64(56n).op('i64.shr_u', 'i32.wrap_i64', 'i32.add').set(place);
      code.get(from).i32(1).op('i32.add').set(from).br(again);
    });
  });
  putQuote().get(place).i32(1).op('i32.add');
}

const SINCE = 0;
const END = 1;
const WIDTH = 2;
const FILL = 3;

function writePadStart(code: Code): void {
  const added = code.local('i32');
  const written = code.local('v128');
  returnIfWide(code, added);
  code.get(END).get(SINCE).op('i32.sub').i32(VECTOR).op('i32.le_u');
  code.if(
    () => {
      code.get(SINCE).at('v128.load').set(written);
      fill(code, SINCE, added);
      code.get(SINCE).get(added).op('i32.add').get(written).at('v128.store');
    },
    () => {
      code.get(SINCE).get(added).op('i32.add').get(SINCE).get(END).get(SINCE).op('i32.sub', 'memory.copy');
      code.get(SINCE).get(FILL).get(added).op('memory.fill');
    },
  );
  code.get(END).get(added).op('i32.add');
}

function writePadEnd(code: Code): void {
  const added = code.local('i32');
  returnIfWide(code, added);
  fill(code, END, added);
  code.get(END).get(added).op('i32.add');
}

/** Bytes to add. */
function returnIfWide(code: Code, added: number): void {
  code.get(WIDTH).get(END).get(SINCE).op('i32.sub', 'i32.sub').tee(added).i32(0).op('i32.le_s');
  code.if(() => code.get(END).op('return'));
}

/** Writes `count` bytes, and at most fifteen behind them. */
function fill(code: Code, from: number, count: number): void {
  const filled = code.local('i32');
  const bytes = code.local('v128');
  code.get(FILL).op('i8x16.splat').set(bytes);
  code.loop(again => {
    code.get(from).get(filled).op('i32.add').get(bytes).at('v128.store');
    code.get(filled).i32(VECTOR).op('i32.add').tee(filled).get(count).op('i32.lt_u').brIf(again);
  });
}
