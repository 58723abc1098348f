import type { FetchOp, FetchProgram } from '../../language/index.js';

export type LoadOp = Extract<
  FetchOp,
  { op: 'REG' | 'STACK' | 'STACKP' | 'RETVAL' | 'IMM' | 'COMM' | 'ARG' | 'DATA' | 'EDATA' }
>;
export type StoreOp = Extract<
  FetchOp,
  { op: 'ST_RAW' | 'ST_MEM' | 'ST_UMEM' | 'ST_STRING' | 'ST_USTRING' | 'ST_SYMSTR' }
>;

/** A fetch program by its stages (spec 04 section 1). */
export interface FetchSteps {
  readonly load: LoadOp;
  readonly dereferences: readonly Extract<FetchOp, { op: 'DEREF' | 'UDEREF' }>[];
  readonly store: StoreOp;
  readonly bitfield: Extract<FetchOp, { op: 'MOD_BF' }> | undefined;
  /** Elements, 0 = no array. */
  readonly count: number;
}

const loads: ReadonlySet<string> = new Set([
  'REG',
  'STACK',
  'STACKP',
  'RETVAL',
  'IMM',
  'COMM',
  'ARG',
  'DATA',
  'EDATA',
]);
const stores: ReadonlySet<string> = new Set([
  'ST_RAW',
  'ST_MEM',
  'ST_UMEM',
  'ST_STRING',
  'ST_USTRING',
  'ST_SYMSTR',
]);

/** The stages of a linked program; `undefined` where it has an operation that only user-space and event probes know. */
export function fetchSteps(program: FetchProgram): FetchSteps | undefined {
  const ops = program.filter(({ op }) => op !== 'SYMBOL');
  const [load, ...rest] = ops;
  if (load === undefined || !isLoad(load)) return undefined;
  const at = rest.findIndex(({ op }) => op !== 'DEREF' && op !== 'UDEREF');
  const store = rest[at];
  if (store === undefined || !isStore(store)) return undefined;
  const after = rest.slice(at + 1);
  return {
    load,
    dereferences: rest.slice(0, at) as FetchSteps['dereferences'],
    store,
    bitfield: after.find(op => op.op === 'MOD_BF'),
    count: after.find(op => op.op === 'LP_ARRAY')?.count ?? 0,
  };
}

function isLoad(op: FetchOp): op is LoadOp {
  return loads.has(op.op);
}

function isStore(op: FetchOp): op is StoreOp {
  return stores.has(op.op);
}

/** Text that needs nothing of the kernel but the task's name, or nothing at all: it is written where records are read. */
export function isKnownText({ load, store }: FetchSteps): boolean {
  return isText(store) && (load.op === 'COMM' || load.op === 'DATA');
}

/** Text that the program reads from memory. */
export function isReadText(steps: FetchSteps): boolean {
  return isText(steps.store) && !isKnownText(steps);
}

function isText({ op }: StoreOp): boolean {
  return op === 'ST_STRING' || op === 'ST_USTRING';
}

/** How many times memory is read on the way to the value, and for the value itself. */
export function memoryReads({ dereferences, store }: FetchSteps): number {
  return dereferences.length + (store.op === 'ST_MEM' || store.op === 'ST_UMEM' || isText(store) ? 1 : 0);
}

/** Several texts that the program reads, through pointers that lie one behind another. */
export function isTextArray(steps: FetchSteps): boolean {
  return isReadText(steps) && steps.count > 0;
}

/** Whether a record says of the argument how its reading failed. */
export function tellsFailure(steps: FetchSteps): boolean {
  return !isKnownText(steps) && memoryReads(steps) > 0;
}
