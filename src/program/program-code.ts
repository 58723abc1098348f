import type { FetchOp, FetchProgram } from '../language/index.js';
import { highHalf, lowHalf } from './halves.js';

type Pass = 'measure' | 'store';

const pointerBytes = 8;
const locationBytes = 4;

/** The halves of `word[0]`. */
const loadedLow = `halves[${lowHalf}]`;
const loadedHigh = `halves[${highHalf}]`;

/**
 * Writes the JavaScript of one fetch program, which returns its `ProgramRunner`: the interpreter's steps, with everything that does not depend on the
 * machine decided beforehand. Words travel as two signed 32-bit halves, which need no memory. The text holds numbers
 * only, none of the program's own words: those are looked up in `ops`.
 *
 * Free names of the text: `ops`, `texts` (`TextReader`), `load`, `memoryOf`, `isBelowTaskSize`, `findUser`, `fail`, `failAt`, `modifyBitfield`, `word` and
 * `halves`.
 */
export function programCode(program: FetchProgram): string {
  return `return {
generated: true,
measure(machine) {
const onFault = undefined;
${new PassCode(program, 'measure').text()}
},
run(machine, target, at, onFault) {
${new PassCode(program, 'store').text()}
},
};`;
}

class PassCode {
  readonly #program: FetchProgram;
  readonly #pass: Pass;
  readonly #lines: string[] = [];

  constructor(program: FetchProgram, pass: Pass) {
    this.#program = program;
    this.#pass = pass;
  }

  text(): string {
    const loadSlot = this.#program.findIndex(({ op }) => op !== 'SYMBOL');
    const firstSlot = loadSlot < 0 ? this.#program.length : loadSlot;
    let slot = firstSlot + 1;
    while (isDereference(this.#program[slot])) slot++;
    if (this.#pass === 'store') this.#put('const { view, bytes } = target;');
    if (this.#storesWordAsLoaded(firstSlot)) return this.#lines.join('\n');
    this.#put('let high = 0, low = 0, lastHigh = 0, lastLow = 0, sum = 0, used = 0, element = 0;');
    this.#load(firstSlot);
    this.#put('lastHigh = high; lastLow = low;');
    for (let at = firstSlot + 1; at < slot; at++) this.#dereference(at);
    this.#elements(slot);
    return this.#lines.join('\n');
  }

  #put(...lines: string[]): void {
    this.#lines.push(...lines);
  }

  /** Ends the pass with a fault that has no address. */
  #bad(slot: number): void {
    this.#put(`return fail(onFault, 'bad-operation', undefined, ${slot}, element);`);
  }

  /** The most common program of all, `ARG n; ST_RAW 8; END` and its like: a whole word needs no halves. */
  #storesWordAsLoaded(slot: number): boolean {
    const [load, store, end] = this.#program.slice(slot, slot + 3);
    const value = load && load.op !== 'TP_ARG' && loadExpression(load, slot);
    const isWord = store?.op === 'ST_RAW' && store.size === 8 && end?.op === 'END';
    if (!value || !isWord || this.#pass === 'measure') return false;
    this.#put(`word[0] = ${value};`);
    this.#put(
      `view.setInt32(at, ${loadedLow}, true); view.setInt32(at + 4, ${loadedHigh}, true);`,
      'return 0;',
    );
    return true;
  }

  /** Stage 1. */
  #load(slot: number): void {
    const op = this.#program[slot];
    const value = op && loadExpression(op, slot);
    if (op?.op === 'IMM') {
      this.#put(`high = ${Number(BigInt.asIntN(32, op.value >> 32n))};`);
      this.#put(`low = ${Number(BigInt.asIntN(32, op.value))};`);
    } else if (value === undefined) {
      this.#bad(slot);
    } else {
      this.#put(`const value = ${value};`);
      if (op?.op === 'TP_ARG') {
        this.#put('if (value === undefined)');
        this.#bad(slot);
      }
      this.#put(`word[0] = value; low = ${loadedLow}; high = ${loadedHigh};`);
    }
    if (this.#program.some(readsMemory)) {
      this.#put('const memory = memoryOf(machine), { userSpace } = machine;');
    }
    if (this.#program.some(isText)) this.#put('texts.begin(machine, memory, onFault);');
  }

  /** Stage 2, one operation. */
  #dereference(slot: number): void {
    const op = this.#program[slot] as Extract<FetchOp, { op: 'DEREF' | 'UDEREF' }>;
    this.#put('lastHigh = high; lastLow = low;');
    this.#add(op.offset);
    const found = lookUp(op.op === 'UDEREF', 'high', 'low', 8);
    this.#put(`if (!(${found})) return failAt(onFault, 'dereference', high, low, ${slot}, element);`);
    this.#put('{ const from = memory.bytes, p = memory.at;', `low = ${wordAt(0)}; high = ${wordAt(4)}; }`);
  }

  /** Stages 3 to 5, from the store at `slot` on. */
  #elements(slot: number): void {
    const store = this.#program[slot];
    let after = slot + 1;
    const modify = this.#pass === 'store' ? this.#program[after] : undefined;
    const hasModify = modify?.op === 'MOD_BF';
    if (hasModify) after++;
    const loop = this.#program[after];
    const isLoop = loop?.op === 'LP_ARRAY';
    if (isLoop) this.#put('let total = 0;', 'for (;;) {');
    if (isText(store) && isLoop && this.#pass === 'store') {
      this.#put('const before = view.getUint32(at, true);');
    }
    if (!this.#store(slot)) {
      if (isLoop) this.#put('}');
      return;
    }
    if (hasModify) this.#modify(modify);
    if (!isLoop) {
      if (loop?.op === 'END') this.#put('return used;');
      else this.#bad(after);
      return;
    }
    this.#put('total += used; element++;', `if (element >= ${loop.count}) {`);
    if (this.#program[after + 1]?.op === 'END') this.#put('return total;');
    else this.#bad(after + 1);
    this.#put('}');
    this.#step(slot);
    this.#put('}');
  }

  /** Stage 3: sets `used`. False when the pass ends here whatever happens. */
  #store(slot: number): boolean {
    const op = this.#program[slot];
    if (op === undefined || !isStore(op)) {
      this.#bad(slot);
      return false;
    }
    if (this.#pass === 'measure' && !isText(op)) {
      this.#put('return 0;');
      return false;
    }
    if (op.op === 'ST_RAW') {
      this.#put(...storeWord(op.size));
      return true;
    }
    this.#put('{ let toHigh = high, toLow = low;');
    this.#add(op.offset, 'toHigh', 'toLow');
    const isUser = op.op === 'ST_USTRING' || op.op === 'ST_UMEM';
    if (op.op === 'ST_MEM' || op.op === 'ST_UMEM') {
      this.#put(
        `if (${lookUp(isUser, 'toHigh', 'toLow', op.size)}) {`,
        'const from = memory.bytes, p = memory.at;',
        ...copyBytes(op.size),
        `} else failAt(onFault, 'value', toHigh, toLow, ${slot}, element);`,
      );
    } else if (this.#pass === 'measure') {
      const call = op.op === 'ST_SYMSTR' ? 'measureSymbol(' : `measureText(${isUser}, `;
      this.#put(`used = texts.${call}toHigh, toLow);`);
    } else {
      const call = op.op === 'ST_SYMSTR' ? 'storeSymbol(' : `storeText(${isUser}, `;
      this.#put(`used = texts.${call}toHigh, toLow, bytes, view, at, ${slot}, element);`);
    }
    this.#put('}');
    return true;
  }

  /** Stage 4. */
  #modify({ base, left, right }: Extract<FetchOp, { op: 'MOD_BF' }>): void {
    const inPlace = modifyWord(base, left, right);
    const general = `modifyBitfield(view, at, ${base}, ${left}, ${right});`;
    if (inPlace === undefined) this.#put(general);
    else this.#put(`if (at + ${base} <= view.byteLength) {`, ...inPlace, `} else ${general}`);
  }

  /** Stage 5: on to the next element. */
  #step(slot: number): void {
    const store = this.#program[slot];
    if (store?.op !== 'ST_STRING' && store?.op !== 'ST_USTRING') {
      const size = store && 'size' in store ? store.size : 0;
      this.#add(size);
      if (this.#pass === 'store') this.#put(`at += ${size};`);
      return;
    }
    // The array holds pointers: step to the next one and take its dereference again.
    this.#put('high = lastHigh; low = lastLow;');
    this.#add(pointerBytes);
    if (this.#pass === 'store') {
      const location = '((((before >>> 16) - used) << 16) | (((before & 0xffff) + used) & 0xffff)) >>> 0';
      this.#put(`at += ${locationBytes};`, `view.setUint32(at, ${location}, true);`);
    }
    if (isDereference(this.#program[slot - 1])) this.#dereference(slot - 1);
    else if (this.#pass === 'measure') this.#put('return 0;');
    else this.#bad(slot - 1);
  }

  /** Address arithmetic modulo 2^64. */
  #add(offset: number, high = 'high', low = 'low'): void {
    if (offset === 0) return;
    const wide = BigInt.asIntN(64, BigInt(offset));
    const lowPart = Number(BigInt.asUintN(32, wide));
    const highPart = Number(wide >> 32n);
    this.#put(
      `sum = (${low} >>> 0) + ${lowPart};`,
      `${low} = sum | 0; ${high} = (${high} + ${highPart} + (sum > 4294967295 ? 1 : 0)) | 0;`,
    );
  }
}

/** How a word is loaded; `undefined` for what loads none. Constants are not asked for. */
function loadExpression(op: FetchOp, slot: number): string | undefined {
  switch (op.op) {
    case 'REG':
      return `machine.register(ops[${slot}].register)`;
    case 'STACK':
      return `machine.stackWord(${op.index})`;
    case 'STACKP':
      return 'machine.stackPointer()';
    case 'RETVAL':
      return 'machine.returnValue()';
    case 'ARG':
      return `machine.argument(${op.index})`;
    case 'COMM':
    case 'FOFFS':
    case 'DATA':
    case 'EDATA':
    case 'TP_ARG':
      return `load(ops[${slot}], machine)`;
    default:
      return undefined;
  }
}

function isDereference(op: FetchOp | undefined): boolean {
  return op?.op === 'DEREF' || op?.op === 'UDEREF';
}

function readsMemory(op: FetchOp): boolean {
  return isDereference(op) || isText(op) || op.op === 'ST_MEM' || op.op === 'ST_UMEM';
}

function isText(op: FetchOp | undefined): boolean {
  return op?.op === 'ST_STRING' || op?.op === 'ST_USTRING' || op?.op === 'ST_SYMSTR';
}

type StoreOp = Extract<
  FetchOp,
  { op: 'ST_RAW' | 'ST_MEM' | 'ST_UMEM' | 'ST_STRING' | 'ST_USTRING' | 'ST_SYMSTR' }
>;

function isStore(op: FetchOp): op is StoreOp {
  return isText(op) || op.op === 'ST_RAW' || op.op === 'ST_MEM' || op.op === 'ST_UMEM';
}

/** Whether memory is found, by the rules of user reads or of plain ones: as `findPlain`, which engines do not always put in place. */
function lookUp(isUser: boolean, high: string, low: string, size: number): string {
  const there = `${high}, ${low}, ${size}`;
  if (isUser) return `findUser(memory, ${there})`;
  const inKernel = `isBelowTaskSize(memory, ${high}, ${low}) ? memory.findUser(${there}) : memory.findKernel(${there})`;
  return `userSpace ? findUser(memory, ${there}) : ${inKernel}`;
}

/** The word of 32 bits that was found in memory. */
function wordAt(offset: number): string {
  const byte = (index: number) => `from[p + ${offset + index}]`;
  return `${byte(0)} | ${byte(1)} << 8 | ${byte(2)} << 16 | ${byte(3)} << 24`;
}

function storeWord(size: number): string[] {
  if (size === 1) return ['view.setUint8(at, low);'];
  if (size === 2) return ['view.setUint16(at, low, true);'];
  if (size === 4) return ['view.setInt32(at, low, true);'];
  return ['view.setInt32(at, low, true); view.setInt32(at + 4, high, true);'];
}

function copyBytes(size: number): string[] {
  if (size <= 8) return Array.from({ length: size }, (_, i) => `bytes[at + ${i}] = from[p + ${i}];`);
  return [`for (let i = 0; i < ${size}; i++) bytes[at + i] = from[p + i];`];
}

/** `MOD_BF` on a whole word of the record; `undefined` for sizes that are no word's. */
function modifyWord(base: number, left: number, right: number): string[] | undefined {
  if (left < 0 || right < 0) return undefined;
  if (base === 8) {
    return [
      'let fieldLow = view.getUint32(at, true), fieldHigh = view.getUint32(at + 4, true);',
      ...shiftLeft(left),
      ...shiftRight(right),
      'view.setUint32(at, fieldLow, true); view.setUint32(at + 4, fieldHigh, true);',
    ];
  }
  const bits = 8 * base;
  if (base !== 1 && base !== 2 && base !== 4) return undefined;
  if (left >= bits || right >= bits) return [`view.setUint${bits}(at, 0, true);`];
  const mask = 2 ** bits - 1;
  return [
    `view.setUint${bits}(at, (((view.getUint${bits}(at, true) << ${left}) & ${mask}) >>> ${right}), true);`,
  ];
}

function shiftLeft(count: number): string[] {
  if (count === 0) return [];
  if (count >= 64) return ['fieldHigh = 0; fieldLow = 0;'];
  if (count >= 32) return [`fieldHigh = fieldLow << ${count - 32}; fieldLow = 0;`];
  return [`fieldHigh = fieldHigh << ${count} | fieldLow >>> ${32 - count}; fieldLow = fieldLow << ${count};`];
}

function shiftRight(count: number): string[] {
  if (count === 0) return [];
  if (count >= 64) return ['fieldHigh = 0; fieldLow = 0;'];
  if (count >= 32) return [`fieldLow = fieldHigh >>> ${count - 32}; fieldHigh = 0;`];
  return [
    `fieldLow = fieldLow >>> ${count} | fieldHigh << ${32 - count}; fieldHigh = fieldHigh >>> ${count};`,
  ];
}
