import { type DigitFunctions, defineDigits } from './digit-functions.js';
import type { WasmModule } from './module.js';
import { defineFindText, defineTexts, type TextFunctions } from './text-functions.js';

/**
 * The functions that bodies call, as their indices in a module. Each module has its own, so that calls are direct. They
 * write at a place, answer the place behind, and may write `OVERSHOOT` bytes behind that; `putTables` wrote what they read.
 */
export class Runtime {
  readonly digits: DigitFunctions;
  readonly texts: TextFunctions;
  /** `(kind, value: i64) -> text`: the address of the text that stands for a number, 0 where it is not kept. */
  readonly findText: number;
  /** `(number, start, end, place) -> place`: the host writes; below 0 where it cannot. */
  readonly hostCall: number;

  /** Imports `text(kind: i32, value: i64) -> i32` and `call(number, start, end, place: i32) -> i32` of the host. */
  constructor(module: WasmModule) {
    const makeText = module.import('text', { parameters: ['i32', 'i64'], results: ['i32'] });
    this.hostCall = module.import('call', { parameters: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] });
    this.digits = defineDigits(module);
    this.texts = defineTexts(module);
    this.findText = defineFindText(module, makeText);
  }
}
