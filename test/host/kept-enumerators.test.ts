import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeptEnumerators } from '../../src/host/index.js';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'btfprobe-enumerators-'));
});
afterEach(() => rmSync(cache, { recursive: true }));

/** Asks for names of the default kernel; answers the values and which were not kept. */
function ask(...names: readonly string[]) {
  using kept = new KeptEnumerators('default', cache);
  const asked: string[] = [];
  const known: Readonly<Record<string, bigint>> = { ONE: 1n, LOW: -(2n ** 63n), HIGH: 2n ** 64n - 1n };
  const values = names.map(name =>
    kept.of(name, wanted => {
      asked.push(wanted);
      return known[wanted];
    }),
  );
  return { values, asked };
}

describe("a built-in kernel's enumerators", () => {
  it('are asked once and kept for the next run, also those that there are not', () => {
    const values = [1n, -(2n ** 63n), 2n ** 64n - 1n, undefined, 1n];
    expect(ask('ONE', 'LOW', 'HIGH', 'NONE', 'ONE')).toEqual({
      values,
      asked: ['ONE', 'LOW', 'HIGH', 'NONE'],
    });
    expect(ask('ONE', 'LOW', 'HIGH', 'NONE', 'ONE')).toEqual({ values, asked: [] });
    expect(ask('OTHER', 'LOW').asked).toEqual(['OTHER']);
    expect(ask('OTHER', 'ONE').asked).toEqual([]);
  });

  it('are asked again where what was kept is damaged, wherever that is', () => {
    ask('ONE', 'HIGH');
    const [name] = readdirSync(cache);
    const file = join(cache, name!);
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 1;
      writeFileSync(file, damaged);
      using kept = new KeptEnumerators('default', cache);
      expect(kept.of('ONE', () => 5n)).toBe(5n);
    }
  });

  it('are kept up to a number of them and of some length', () => {
    ask(...Array.from({ length: 2000 }, (_, index) => `N${index}`), 'L'.repeat(300));
    expect(readFileSync(join(cache, readdirSync(cache)[0]!)).length).toBeLessThan(10_000);
    expect(ask('N0', 'N1023', 'N1024', 'L'.repeat(300)).asked).toEqual(['N1024', 'L'.repeat(300)]);
  });

  it('are asked each time where nothing can be kept', () => {
    writeFileSync(join(cache, 'file'), '');
    using kept = new KeptEnumerators('default', join(cache, 'file'));
    expect(kept.of('ONE', () => 1n)).toBe(1n);
  });

  it('are of a kernel that is there', () => {
    expect(() => new KeptEnumerators('none', cache)).toThrow('there is no built-in kernel none');
  });
});
