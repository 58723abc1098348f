import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { decodeCase, encodeCase, makeCase, runCase, type TargetName, targets } from '../../fuzz/case.js';
import { LinesDiffer } from '../../fuzz/compare.js';
import { WasmBody } from '../../src/records/wasm/wasm-body.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const saved = readdirSync(join(root, 'test/data/fuzz')).map(file => join(root, 'test/data/fuzz', file));

describe('changed input', () => {
  it.each(['pages', 'formats'] as const)('of %s shows what generated code does wrong', target => {
    vi.spyOn(WasmBody.prototype, 'label').mockImplementation(() => undefined);
    const outcomes = Array.from({ length: 20 }, (_, index) => runCase(target, makeCase(target, 1, index)));
    vi.restoreAllMocks();
    const errors = outcomes.flatMap(outcome => (outcome.kind === 'stray' ? [outcome.error] : []));
    expect(errors.length).toBeGreaterThan(3);
    expect(errors.every(error => error instanceof LinesDiffer)).toBe(true);
  });

  it.each(Object.keys(targets) as TargetName[])('of %s is read or refused with a typed error', target => {
    const outcomes = Array.from({ length: 60 }, (_, index) => runCase(target, makeCase(target, 1, index)));
    expect(outcomes.filter(({ kind }) => kind === 'stray')).toEqual([]);
    // Were all refused at their first byte, nothing would have been read.
    expect(outcomes.filter(({ kind }) => kind === 'read').length).toBeGreaterThan(5);
    expect(outcomes.filter(({ kind }) => kind === 'refused').length).toBeGreaterThan(0);
  });

  it('is the same for the same seed, and kept without loss', () => {
    const parts = makeCase('pages', 7, 3);
    expect(makeCase('pages', 7, 3)).toEqual(parts);
    expect(makeCase('pages', 8, 3)).not.toEqual(parts);
    expect(decodeCase(encodeCase({ target: 'pages', about: 'a', parts }))).toEqual({
      target: 'pages',
      about: 'a',
      parts,
    });
  });

  it('that breaks a reader is noticed', () => {
    expect(runCase('trace-dat', {})).toMatchObject({ kind: 'stray', error: expect.any(TypeError) });
  });
});

describe('what fuzzing found', () => {
  it.each(saved)('%s is read or refused', file => {
    const { target, parts } = decodeCase(readFileSync(file));
    expect(runCase(target, parts).kind).not.toBe('stray');
  });

  it('takes little memory and time', async () => {
    const files = saved.flatMap(file => ['--replay', file]);
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'fuzz/main.mjs'), ...files], {
      cwd: root,
    });
    expect(stdout.match(/ ms; well$/gm)).toHaveLength(saved.length);
  });
});
