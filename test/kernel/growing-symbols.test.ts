import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKernel, createSymbolTable, type OpenedKernel, parseFacts } from '../../src/kernel/index.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** What became of the pieces of a text. */
interface Progress {
  given: number;
  closed: boolean;
}

/** A kernel whose symbols come in pieces of so many bytes. */
function kernelOf(kallsyms: Uint8Array, size: number): { kernel: OpenedKernel; progress: Progress } {
  const progress = { given: 0, closed: false };
  function* pieces() {
    progress.given = 0;
    try {
      while (progress.given < kallsyms.length) {
        const piece = kallsyms.slice(progress.given, progress.given + size);
        progress.given += piece.length;
        yield piece;
      }
    } finally {
      progress.closed = true;
    }
  }
  const kernel = createKernel({
    name: 'made',
    facts: parseFacts(bytes('{"kernel":"1","arch":"x86_64"}')),
    read: () => undefined,
    pieces: part => (part === 'kallsyms' ? pieces() : undefined),
    typedModules: () => [],
    moduleBtf: () => undefined,
  });
  return { kernel, progress };
}

const recorded = gunzipSync(readFileSync('kernels/6.12-cloud/kallsyms.gz'));

describe('symbols of a running kernel', () => {
  const table = createSymbolTable(recorded);
  const { address } = table.first('vfs_read')!;

  test('are read as far as a place in the kernel needs them', () => {
    const { kernel, progress } = kernelOf(recorded, 1 << 16);
    expect(kernel.symbols.resolve(address + 4n)).toEqual({
      name: 'vfs_read',
      offset: 4,
      size: 0x370,
      module: undefined,
    });
    expect(kernel.symbols.first('vfs_read')).toEqual(table.first('vfs_read'));
    expect(progress.given).toBeLessThan(recorded.length / 4);
    const other = kernelOf(recorded, 1 << 16);
    expect(other.kernel.symbols.first('vfs_read')).toEqual(table.first('vfs_read'));
    expect(other.kernel.symbols.resolve(address)).toMatchObject({ name: 'vfs_read', size: 0x370 });
    expect(other.progress.given).toBeLessThan(recorded.length / 4);
    expect(kernel.symbols.resolve(table.first('_stext')!.address)).toMatchObject({
      name: '_stext',
      offset: 0,
    });
    expect(progress).toEqual({ given: expect.any(Number), closed: false });
    kernel[Symbol.dispose]();
    expect(progress.closed).toBe(true);
  });

  test('are read to the end for all else, and are the same', () => {
    const { kernel, progress } = kernelOf(recorded, 1 << 20);
    kernel.symbols.resolve(address);
    expect(kernel.symbols.find('twin_that_is_not_there')).toEqual([]);
    expect(progress).toEqual({ given: recorded.length, closed: true });
    expect(kernel.symbols.find('vfs_read')).toEqual(table.find('vfs_read'));
    expect(kernel.symbols.names()).toEqual(table.names());
    expect(kernel.symbols.resolve(address + 1n)).toEqual(table.resolve(address + 1n));
    expect(kernel.hasTracepoint('sched_switch')).toBe(true);
    expect(kernel.tracepoints()).toContain('sched_switch');
    expect(kernel.hasTracepoint('no_such')).toBe(false);
  });

  test('that were taken before a reread can be asked further, but not once the kernel is disposed', () => {
    const { kernel } = kernelOf(recorded, 1 << 16);
    const before = kernel.symbols;
    before.resolve(address);
    kernel.reread();
    expect(before.first('_end')).toEqual(table.first('_end'));
    const after = kernel.symbols;
    after.resolve(address);
    kernel[Symbol.dispose]();
    expect(() => after.first('_end')).toThrow(expect.objectContaining({ code: 'released' }));
    expect(() => kernel.symbols).toThrow(expect.objectContaining({ code: 'released' }));
  });
});

test('pieces of any size give what the whole text gives', () => {
  const place = (at: number) => 0xffffffff81000000n + BigInt(at) * 0x700n;
  const line = (address: bigint, name: string, type = 't', module = '') =>
    `${address.toString(16).padStart(16, '0')} ${type} ${name}${module}`;
  const name = fc.constantFrom('a', 'b', 'ab', '_c', '_stext');
  const layout = fc.record({
    core: fc.array(fc.record({ at: fc.nat({ max: 40 }), name, type: fc.constantFrom('t', 'W', 'd') }), {
      maxLength: 20,
    }),
    end: fc.option(fc.integer({ min: 40, max: 45 }), { nil: undefined }),
    behind: fc.nat({ max: 2 }),
    modules: fc.array(fc.record({ at: fc.integer({ min: 100, max: 120 }), name }), { maxLength: 6 }),
    hidden: fc.boolean(),
    size: fc.integer({ min: 1, max: 400 }),
    newline: fc.boolean(),
  });
  const question = fc.oneof(
    fc.record({ at: fc.nat({ max: 125 }), offset: fc.constantFrom(-1n, 0n, 0x6ffn) }),
    name,
  );
  fc.assert(
    fc.property(layout, fc.array(question, { maxLength: 6 }), (made, questions) => {
      const lines = [
        line(0n, 'fixed_percpu_data'),
        line(0x1000n, 'cpu_debug_store'),
        ...made.core.sort((a, b) => a.at - b.at).map(({ at, name, type }) => line(place(at), name, type)),
        ...(made.end === undefined ? [] : [line(place(made.end), '_end', 'B')]),
        ...Array.from({ length: made.behind }, (_, at) => line(place(50 + at), 'behind', 'd')),
        ...made.modules.map(({ at, name }) => line(place(at), name, 't', '\t[alpha]')),
      ].map(text => (made.hidden ? text.replace(/^\w+/, '0'.repeat(16)) : text));
      const text = bytes(lines.join('\n') + (made.newline ? '\n' : ''));
      const whole = createSymbolTable(text);
      const { symbols } = kernelOf(text, made.size).kernel;
      for (const asked of questions) {
        if (typeof asked === 'string') expect(symbols.first(asked)).toEqual(whole.first(asked));
        else {
          const address = place(asked.at) + asked.offset;
          expect(symbols.resolve(address)).toEqual(whole.resolve(address));
        }
      }
    }),
    { numRuns: 500 },
  );
});
