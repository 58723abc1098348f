import type { FetchProgram } from '../language/index.js';
import { memoryOf } from './direct-memory.js';
import {
  type FaultListener,
  measureProgram,
  modifyBitfield,
  type RecordTarget,
  runProgram,
} from './interpreter.js';
import { load } from './load.js';
import type { Machine } from './machine.js';
import { type GeneratedPasses, programCode } from './program-code.js';
import { Run } from './run.js';

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
  const run = new Run();
  const passes = generate(program, run);
  if (passes === undefined) return interpretProgram(program);
  return {
    generated: true,
    measure(machine) {
      run.onFault = undefined;
      return Math.max(0, passes.measure(machine));
    },
    run(machine, target, offset, onFault) {
      run.onFault = onFault;
      return Math.max(0, passes.store(machine, target, offset));
    },
  };
}

/** The same by the interpreter: what generated code is compared with. */
export function interpretProgram(program: FetchProgram): ProgramRunner {
  return {
    generated: false,
    measure: machine => measureProgram(program, machine),
    run: (machine, target, offset, onFault) => runProgram(program, machine, target, offset, onFault),
  };
}

function generate(program: FetchProgram, run: Run): GeneratedPasses | undefined {
  const scratch = new DataView(new ArrayBuffer(8));
  const names = { ops: program, run, load, memoryOf, modifyBitfield, scratch };
  try {
    return new Function(...Object.keys(names), programCode(program))(
      ...Object.values(names),
    ) as GeneratedPasses;
  } catch (error) {
    // What a host throws that forbids it.
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
