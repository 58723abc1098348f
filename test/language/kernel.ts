import { openBundle } from '../../src/host/index.js';
import {
  compileProbe,
  type FetchOp,
  type Judgement,
  type ProbeEvent,
  type Refused,
} from '../../src/language/index.js';

/** The built-in kernel: Debian's 6.12 for cloud machines. */
export const kernel = await openBundle(new URL('../../kernels/6.12-cloud', import.meta.url).pathname);

/** The event of a definition that must be good. */
export function compiled(definition: string): ProbeEvent {
  const judgement: Judgement = compileProbe(kernel, definition);
  if (!judgement.accepted) throw new Error(`${definition}: ${judgement.diagnostics[0]?.message}`);
  if (judgement.event === undefined) throw new Error(`${definition} creates nothing`);
  return judgement.event;
}

/** The refusal of a definition that must be bad. */
export function refused(definition: string): Refused {
  const judgement = compileProbe(kernel, definition);
  if (judgement.accepted) throw new Error(`${definition} was accepted`);
  return judgement;
}

/** A program as short text: `ARG 0; ST_MEM 8,8; END`. */
export function programText(program: readonly FetchOp[]): string {
  return program
    .map(({ op, ...operands }) => [op, Object.values(operands).join(',')].join(' ').trim())
    .join('; ');
}
