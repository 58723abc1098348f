import type { Code } from './code.js';
import { layout } from './layout.js';
import type { FunctionType, WasmModule } from './module.js';

/**
 * Functions that write a number at a place and answer the place behind it. Leading zeros are told by the lowest bit of the
 * word of digits, so that there is hardly anything to guess wrong.
 */
export interface DigitFunctions {
  /** Unsigned, i32. */
  readonly decimal32: number;
  /** Signed, i32. */
  readonly signed32: number;
  /** Unsigned, i64. */
  readonly decimal64: number;
  /** Signed, i64. */
  readonly signed64: number;
  /** An i64 in hexadecimal without leading zeros. */
  readonly hex: number;
  /** An i64 in sixteen hexadecimal digits. */
  readonly pointer: number;
  /** An i32 below a million in exactly six digits. */
  readonly microseconds: number;
}

const put32: FunctionType = { parameters: ['i32', 'i32'], results: ['i32'] };
const put64: FunctionType = { parameters: ['i32', 'i64'], results: ['i32'] };
const PLACE = 0;
const VALUE = 1;
const MINUS = 0x2d;
const HUNDRED_MILLION = 100_000_000;

export function defineDigits(module: WasmModule): DigitFunctions {
  const decimal32 = module.define(put32, writeDecimal32);
  const decimal64 = module.define(put64, code => writeDecimal64(code, decimal32));
  return {
    decimal32,
    signed32: module.define(put32, code => {
      code.get(VALUE).i32(0).op('i32.ge_s');
      code.if(() => code.get(PLACE).get(VALUE).call(decimal32).op('return'));
      code.get(PLACE).i32(MINUS).at('i32.store8');
      code.get(PLACE).i32(1).op('i32.add').i32(0).get(VALUE).op('i32.sub').call(decimal32);
    }),
    decimal64,
    signed64: module.define(put64, code => {
      code.get(VALUE).i64(0n).op('i64.ge_s');
      code.if(() => code.get(PLACE).get(VALUE).call(decimal64).op('return'));
      code.get(PLACE).i32(MINUS).at('i32.store8');
      code.get(PLACE).i32(1).op('i32.add').i64(0n).get(VALUE).op('i64.sub').call(decimal64);
    }),
    hex: module.define(put64, writeHex),
    pointer: module.define(put64, code => {
      code.get(PLACE);
      hexDigits(code);
      code.at('v128.store').get(PLACE).i32(16).op('i32.add');
    }),
    microseconds: module.define(put32, writeMicroseconds),
  };
}

function writeDecimal32(code: Code): void {
  const word = code.local('i32');
  const wide = code.local('i64');
  const shift = code.local('i32');
  const top = code.local('i32');
  code.get(VALUE).i32(10_000).op('i32.lt_u');
  code.if(() => {
    fourDigits(code, VALUE);
    // The last digit counts, though it be zero.
    code.tee(word).i32(0x3030_3030).op('i32.xor').i32(0x0100_0000).op('i32.or', 'i32.ctz');
    code.i32(0x18).op('i32.and').set(shift);
    code.get(PLACE).get(word).get(shift).op('i32.shr_u').at('i32.store');
    code.get(PLACE).i32(4).op('i32.add').get(shift).i32(3).op('i32.shr_u', 'i32.sub', 'return');
  });
  code.get(VALUE).i32(HUNDRED_MILLION).op('i32.lt_u');
  code.if(() => {
    eightDigits(code, VALUE);
    code.tee(wide).i64(0x3030_3030_3030_3030n).op('i64.xor').i64(0x0100_0000_0000_0000n);
    code.op('i64.or', 'i64.ctz', 'i32.wrap_i64').i32(0x38).op('i32.and').set(shift);
    code.get(PLACE).get(wide).get(shift).op('i64.extend_i32_u', 'i64.shr_u').at('i64.store');
    code.get(PLACE).i32(8).op('i32.add').get(shift).i32(3).op('i32.shr_u', 'i32.sub', 'return');
  });
  code.get(VALUE).i32(HUNDRED_MILLION).op('i32.div_u').set(top);
  code.get(PLACE);
  twoDigits(code, top);
  code.get(top).i32(10).op('i32.lt_u').tee(shift).i32(3).op('i32.shl', 'i32.shr_u').at('i32.store16');
  code.get(PLACE).i32(2).op('i32.add').get(shift).op('i32.sub').tee(PLACE);
  code.get(VALUE).get(top).i32(HUNDRED_MILLION).op('i32.mul', 'i32.sub').set(VALUE);
  eightDigits(code, VALUE);
  code.at('i64.store').get(PLACE).i32(8).op('i32.add');
}

function writeDecimal64(code: Code, decimal32: number): void {
  const above = code.local('i64');
  const top = code.local('i64');
  const below = code.local('i32');
  code.get(VALUE).i64(32n).op('i64.shr_u', 'i64.eqz');
  code.if(() => code.get(PLACE).get(VALUE).op('i32.wrap_i64').call(decimal32).op('return'));
  code.get(VALUE).i64(BigInt(HUNDRED_MILLION)).op('i64.div_u').set(above);
  remainder(code, VALUE, above);
  code.set(below);
  code.get(above).i64(BigInt(HUNDRED_MILLION)).op('i64.lt_u');
  code.if(() => {
    code.get(PLACE).get(above).op('i32.wrap_i64').call(decimal32).tee(PLACE);
    eightDigits(code, below);
    code.at('i64.store').get(PLACE).i32(8).op('i32.add', 'return');
  });
  code.get(above).i64(BigInt(HUNDRED_MILLION)).op('i64.div_u').set(top);
  code.get(PLACE).get(top).op('i32.wrap_i64').call(decimal32).tee(PLACE);
  eightDigits(code, below);
  code.at('i64.store', 8);
  remainder(code, above, top);
  code.set(below).get(PLACE);
  eightDigits(code, below);
  code.at('i64.store').get(PLACE).i32(16).op('i32.add');
}

/** What is left of a number without that many hundred millions, as an i32. */
function remainder(code: Code, value: number, hundredMillions: number): void {
  code.get(value).get(hundredMillions).i64(BigInt(HUNDRED_MILLION)).op('i64.mul', 'i64.sub', 'i32.wrap_i64');
}

function writeMicroseconds(code: Code): void {
  const top = code.local('i32');
  code.get(VALUE).i32(10_000).op('i32.div_u').set(top);
  code.get(PLACE);
  twoDigits(code, top);
  code.at('i32.store16').get(PLACE);
  code.get(VALUE).get(top).i32(10_000).op('i32.mul', 'i32.sub').set(VALUE);
  fourDigits(code, VALUE);
  code.at('i32.store', 2).get(PLACE).i32(6).op('i32.add');
}

/** The digits of a number below 100, the first in the lowest byte, as an i32. */
function twoDigits(code: Code, value: number): void {
  code.get(value).i32(1).op('i32.shl').at('i32.load16_u', layout.digitPairs);
}

/** As `twoDigits`, below 10^4. */
function fourDigits(code: Code, value: number): void {
  code.scratch('i32', hundreds => {
    code.get(value).i32(100).op('i32.div_u').set(hundreds);
    twoDigits(code, hundreds);
    code.get(value).get(hundreds).i32(100).op('i32.mul', 'i32.sub').set(hundreds);
    twoDigits(code, hundreds);
    code.i32(16).op('i32.shl', 'i32.or');
  });
}

/** As `twoDigits`, below 10^8, as an i64. */
function eightDigits(code: Code, value: number): void {
  code.scratch('i32', part => {
    code.get(value).i32(10_000).op('i32.div_u').set(part);
    fourDigits(code, part);
    code.op('i64.extend_i32_u');
    code.get(value).get(part).i32(10_000).op('i32.mul', 'i32.sub').set(part);
    fourDigits(code, part);
    code.op('i64.extend_i32_u').i64(32n).op('i64.shl', 'i64.or');
  });
}

function writeHex(code: Code): void {
  const digits = code.local('i32');
  code.i64(67n).get(VALUE).i64(1n).op('i64.or', 'i64.clz', 'i64.sub', 'i32.wrap_i64');
  code.i32(2).op('i32.shr_u').set(digits);
  code.get(PLACE);
  hexDigits(code);
  code
    .i32(layout.hexShifts + 16)
    .get(digits)
    .op('i32.sub')
    .at('v128.load')
    .op('i8x16.swizzle');
  code.at('v128.store').get(PLACE).get(digits).op('i32.add');
}

/** All sixteen digits of the number, as a vector. */
function hexDigits(code: Code): void {
  const digits = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0));
  const bytes = code.local('v128');
  code.v128(digits);
  code.get(VALUE).op('i64x2.splat').tee(bytes).get(bytes);
  code.shuffle(Array.from({ length: 16 }, (_, lane) => 7 - (lane >> 1)));
  // Each byte twice: its upper half is for the first of two letters, its lower half for the second.
  code.tee(bytes).i32(4).op('i16x8.shr_u');
  code.v128(Array.from({ length: 16 }, (_, lane) => (lane % 2 === 0 ? 0x0f : 0))).op('v128.and');
  code.get(bytes).v128(Array.from({ length: 16 }, (_, lane) => (lane % 2 === 0 ? 0 : 0x0f)));
  code.op('v128.and', 'v128.or', 'i8x16.swizzle');
}
