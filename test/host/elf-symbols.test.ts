import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgramSymbols, ElfError, findElfFunctions, readElfFunctions } from '../../src/host/index.js';
import { type ElfPlan, writeElf } from './elf-writer.js';

const segments = [
  { address: 0x1000, offset: 0x100, fileSize: 0x1000 },
  { address: 0x8000, offset: 0x2000, fileSize: 0x10 },
];

const functions = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/),
    address: fc.integer({ min: 0, max: 0x9000 }),
    size: fc.integer({ min: 0, max: 0x100 }),
    global: fc.boolean(),
    dynamic: fc.boolean(),
  }),
  { selector: ({ name }) => name, maxLength: 20 },
);

const plans: fc.Arbitrary<ElfPlan> = fc.record({
  wide: fc.boolean(),
  littleEndian: fc.boolean(),
  segments: fc.constant(segments),
  functions,
});

/** Where the rules of ELF put an address. */
function expectedOffset(address: number): bigint | undefined {
  if (address >= 0x1000 && address < 0x2000) return BigInt(address - 0x1000 + 0x100);
  if (address >= 0x8000 && address < 0x8010) return BigInt(address - 0x8000 + 0x2000);
  return undefined;
}

describe('symbols of programs', () => {
  it('finds what was written, in either class and byte order, and leaves out what no file bytes stand behind', () => {
    fc.assert(
      fc.property(plans, plan => {
        const found = readElfFunctions(writeElf(plan));
        const expected = plan.functions.flatMap(({ name, address, size, global }) => {
          const offset = expectedOffset(address);
          return offset === undefined
            ? []
            : [{ name, address: BigInt(address), size: BigInt(size), global, offset }];
        });
        const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
        expect([...found].sort(byName)).toEqual(expected.sort(byName));
      }),
    );
  });

  it('answers damaged files with an ElfError or with fewer functions, never otherwise', () => {
    const change = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(plans, fc.array(change, { maxLength: 8 }), fc.nat(), (plan, changes, cut) => {
        const whole = writeElf(plan);
        for (const { at, value } of changes) whole[at % whole.length] = value;
        const bytes = cut % 3 === 0 ? whole.subarray(0, cut % whole.length) : whole;
        try {
          for (const { offset } of readElfFunctions(bytes)) expect(offset).toBeTypeOf('bigint');
        } catch (error) {
          expect(error).toBeInstanceOf(ElfError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('names several functions of one name, global ones first', () => {
    const shared = { address: 0x1010, size: 4, dynamic: false };
    const bytes = writeElf({
      wide: true,
      littleEndian: true,
      segments,
      functions: [
        { ...shared, name: 'twice', global: false },
        { ...shared, name: 'twice', address: 0x1020, global: true },
      ],
    });
    expect(findElfFunctions(readElfFunctions(bytes), 'twice').map(({ offset }) => offset)).toEqual([
      0x120n,
      0x110n,
    ]);
  });

  it("agrees with nm and readelf about this machine's shell", () => {
    const file = '/bin/bash';
    const loads = execFileSync('readelf', ['-Wl', file], { encoding: 'utf8' })
      .split('\n')
      .filter(line => /^\s+LOAD\s/.test(line))
      .map(line => line.trim().split(/\s+/).slice(1, 5).map(BigInt));
    const toOffset = (address: bigint): bigint => {
      const [offset, start] = loads.find(([, from, , size]) => address >= from! && address < from! + size!)!;
      return address - start! + offset!;
    };
    const theirs = execFileSync('nm', ['-D', '--defined-only', file], { encoding: 'utf8' })
      .split('\n')
      .map(line => /^([0-9a-f]+) T (\w+)/.exec(line))
      .flatMap(match => (match === null ? [] : [`${match[2]} ${toOffset(BigInt(`0x${match[1]}`))}`]));
    const ours = new Set(readElfFunctions(readFileSync(file)).map(({ name, offset }) => `${name} ${offset}`));
    expect(theirs.length).toBeGreaterThan(100);
    expect(theirs.filter(line => !ours.has(line))).toEqual([]);
  });

  it('says why a file cannot be searched', () => {
    const find = createProgramSymbols();
    expect(find('/no/such/file', 'main')).toEqual({
      offsets: [],
      problem: 'there is no such file on this machine',
    });
    expect(find('/tmp', 'main').problem).toBe('it is no regular file on this machine');
    expect(find('/etc/passwd', 'main').problem).toBe('it is no ELF file');
    expect(find('/bin/bash', 'readline').offsets).toHaveLength(1);
  });
});
