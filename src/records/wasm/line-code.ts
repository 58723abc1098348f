import type { BodyEmitter } from '../body-emitter.js';
import type { FlagOffsets } from '../text.js';
import type { Code } from './code.js';
import { layout, state } from './layout.js';
import type { FunctionType, WasmModule } from './module.js';
import type { Runtime } from './runtime.js';
import type { WasmBody } from './wasm-body.js';
import type { WasmNumber } from './wasm-number.js';

/** A line: the record's start and end, where to write, its time, and the text of its sender; answers the place behind. */
export const lineType: FunctionType = { parameters: ['i32', 'i32', 'i32', 'i64', 'i32'], results: ['i32'] };
const [START, PLACE, TIME, SENDER] = [0, 2, 3, 4] as const;

/** Bytes of the flags column. */
const FLAGS = 5;

/** Functions for what all lines have; their imports are the host's `flags(key)` and `time(place, time)`. */
export class LineRuntime {
  readonly #askFlags: number;
  readonly #askTime: number;
  #putSeconds = 0;

  /** To be made before functions are defined. */
  constructor(module: WasmModule) {
    this.#askFlags = module.import('flags', { parameters: ['i32'], results: [] });
    this.#askTime = module.import('time', { parameters: ['i32', 'i64'], results: ['i32'] });
  }

  define(module: WasmModule, runtime: Runtime): void {
    this.#putSeconds = module.define({ parameters: ['i32', 'i64'], results: ['i32'] }, code => {
      const [place, time] = [0, 1];
      code.get(time).i32(layout.state).at('i64.load', state.secondStart).op('i64.sub').tee(time);
      code.i32(layout.state).at('i64.load', state.secondLimit).op('i64.ge_u');
      code.if(() => {
        code.get(place).get(time).i32(layout.state).at('i64.load', state.secondStart).op('i64.add');
        code.call(this.#askTime).op('return');
      });
      code.get(place).i32(layout.state).at('v128.load', state.secondText).at('v128.store');
      code.get(place).i32(layout.state).at('i32.load', state.secondLength).op('i32.add');
      code.get(time).op('i32.wrap_i64').i32(500).op('i32.add').i32(1000).op('i32.div_u');
      code.call(runtime.digits.microseconds);
    });
  }

  flags(code: Code, { flags, preempt }: FlagOffsets): void {
    code.scratch('i32', key => {
      const byte = (offset: number) =>
        Number.isNaN(offset) ? code.i32(0) : code.get(START).at('i32.load8_u', offset);
      byte(flags).i32(8).op('i32.shl');
      byte(preempt).op('i32.or').tee(key);
      code.i32(3).op('i32.shl').at('i64.load', layout.flags).op('i64.eqz');
      code.if(() => code.get(key).call(this.#askFlags));
      code.get(PLACE).get(key).i32(3).op('i32.shl').at('i64.load', layout.flags).at('i64.store');
    });
    code.get(PLACE).i32(FLAGS).op('i32.add').set(PLACE);
  }

  seconds(code: Code): void {
    code.get(PLACE).get(TIME).call(this.#putSeconds).set(PLACE);
  }
}

/** Takes the code that writes an event's line, without the line's end. */
export class LineCode {
  /** Writes what depends on the record. */
  readonly body: BodyEmitter<WasmNumber>;
  readonly #code: Code;
  readonly #runtime: Runtime;
  readonly #lines: LineRuntime;
  readonly #flush: () => void;
  readonly #whenCalled: WasmBody['whenCalled'];

  constructor(code: Code, runtime: Runtime, lines: LineRuntime, body: WasmBody) {
    this.#code = code;
    this.#runtime = runtime;
    this.#lines = lines;
    this.#flush = () => body.settle();
    this.#whenCalled = (yes, no) => body.whenCalled(yes, no);
    this.body = body;
  }

  /** Writes the text of who made the record. */
  sender(): void {
    this.#flush();
    this.#code.get(PLACE).get(SENDER).call(this.#runtime.texts.putText).set(PLACE);
  }

  /** The time as it was recorded. */
  get time(): WasmNumber {
    return { bits: 64, signed: false, push: () => this.#code.get(TIME) };
  }

  /** Writes the flags column. */
  flags(offsets: FlagOffsets): void {
    this.#flush();
    this.#lines.flags(this.#code, offsets);
  }

  /** Writes one or the other, by whether one of the body's calls has written. */
  whenCalled(yes: () => void, no: () => void): void {
    this.#whenCalled(yes, no);
  }

  /** Writes the time in seconds with their microseconds, rounded, as the host tells it. */
  seconds(): void {
    this.#flush();
    this.#lines.seconds(this.#code);
  }
}
