import type { Architecture } from '../kernel/index.js';

const numbered = (letter: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => `${letter}${first + i}`);

/** Names after `%`, by architecture (spec 02 section 2). */
const registers: Readonly<Record<Architecture, ReadonlySet<string>>> = {
  x86_64: new Set('r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss'.split(' ')),
  arm64: new Set([...numbered('x', 0, 30), 'lr', 'sp', 'pc', 'pstate']),
  riscv64: new Set([
    ...'epc ra sp gp tp status badaddr cause orig_a0'.split(' '),
    ...numbered('t', 0, 6),
    ...numbered('s', 0, 11),
    ...numbered('a', 0, 7),
  ]),
};

/** Is there a register of that name? */
export function isRegister(arch: Architecture, name: string): boolean {
  return registers[arch].has(name);
}

/** All names, for hints and completion. */
export function registerNames(arch: Architecture): readonly string[] {
  return [...registers[arch]];
}
