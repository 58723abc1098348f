import type { FetchProgram } from '../language/index.js';
import { findUser, isBelowTaskSize, memoryOf } from './direct-memory.js';
import { halves, word } from './halves.js';
import {
  type FaultListener,
  measureProgram,
  modifyBitfield,
  type RecordTarget,
  runProgram,
} from './interpreter.js';
import { load } from './load.js';
import type { Machine } from './machine.js';
import { programCode } from './program-code.js';
import { fail, failAt } from './tell-fault.js';
import { TextReader } from './text-reader.js';

/** A fetch program that is ready to run many times, on any machine. */
export interface ProgramRunner {
  /** False where the host forbids making code from text, as web pages may: then it is interpreted. */
  readonly generated: boolean;
  /** As `measureProgram`. */
  measure(machine: Machine): number;
  /** As `runProgram`. */
  run(machine: Machine, target: RecordTarget, offset: number, onFault?: FaultListener): number;
}

/**
 * Makes JavaScript of a fetch program; what it does is what the interpreter does, to the byte, the fault and the order of
 * reads.
 */
export function compileProgram(program: FetchProgram): ProgramRunner {
  const names = {
    ops: program,
    texts: new TextReader(),
    load,
    memoryOf,
    isBelowTaskSize,
    findUser,
    fail,
    failAt,
    modifyBitfield,
    word,
    halves,
  };
  try {
    const make = new Function(...Object.keys(names), programCode(program));
    return make(...Object.values(names)) as ProgramRunner;
  } catch (error) {
    // What a host throws that forbids it.
    if (error instanceof EvalError) return interpretProgram(program);
    throw error;
  }
}

/** The same by the interpreter: what generated code is compared with. */
export function interpretProgram(program: FetchProgram): ProgramRunner {
  return {
    generated: false,
    measure: machine => measureProgram(program, machine),
    run: (machine, target, offset, onFault) => runProgram(program, machine, target, offset, onFault),
  };
}
