import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { openDefaultKernel } from '../../src/host/index.js';
import { enumeratorValues, type RecordLayout } from '../../src/kernel/index.js';
import type { BodyPrinter } from '../../src/records/body-printer.js';
import { ByteText } from '../../src/records/byte-text.js';
import { EvaluatedText } from '../../src/records/evaluated-text.js';
import { PageRecord, symbolsWithOffset, symbolsWithoutOffset } from '../../src/records/index.js';
import type { PrintContext } from '../../src/records/print-context.js';
import { parsePrintFormat } from '../../src/records/print-conversion.js';
import { ScriptBody } from '../../src/records/script-body.js';
import { SyscallText } from '../../src/records/syscall-text.js';
import { anyArgument, fields } from './any-print-format.js';
import { eventOf, latin1, loadRecording, meetOften } from './recorded.js';

/** Every address is a symbol, so that look-ups show. */
const symbols = {
  resolve: (address: bigint) => ({
    name: `s${address & 0xffn}`,
    offset: Number(address & 0xfn),
    size: 16,
    module: (address & 0x10n) === 0n ? undefined : 'mod',
  }),
};
const names = symbolsWithoutOffset(symbols);

function contextOf(littleEndian: boolean): PrintContext {
  return {
    symbols: { withOffset: symbolsWithOffset(symbols), names },
    littleEndian,
    stringAt: address => (address % 2n === 0n ? 'text' : undefined),
  };
}

/** Bytes that are often all zeros or all ones, so that terms are 0, -1 and small. */
const bytes = (size: number) =>
  fc
    .array(fc.oneof(fc.constant(0), fc.constant(0xff), fc.integer({ min: 0, max: 255 })), {
      minLength: size,
      maxLength: size,
    })
    .map(list => Uint8Array.from(list));

function recordOf(layout: RecordLayout, source: Uint8Array, start: number): PageRecord {
  const event = { group: layout.group, name: layout.name, definition: undefined, layout };
  const view = new DataView(source.buffer);
  return new PageRecord(event, 1, 42, 'cat', source, view, start, source.length, 0, 0);
}

/** Both forms into buffers with hardly any room. */
function expectSame(make: (generate: boolean) => BodyPrinter, record: PageRecord): void {
  const [plain, generated] = [false, true].map(generate => {
    const printer = make(generate);
    meetOften(printer, record);
    expect(printer.whole !== undefined).toBe(generate);
    const out = new ByteText(16);
    printer.print(out, record);
    printer.print(out, record);
    return latin1(out.take());
  });
  expect(generated).toBe(plain);
}

function fixedEnd({ common, fields }: RecordLayout): number {
  return Math.max(...[...common, ...fields].map(field => field.offset + field.size));
}

describe('the generated code of a print format', () => {
  it("prints what the evaluator prints, for every event of the kernel and any record's bytes", () => {
    const { capture } = loadRecording('6.12-cloud-static');
    using kernel = openDefaultKernel();
    const enumerator = enumeratorValues(kernel.types!);
    const constants = (name: string) => (name === 'HZ' ? 250n : enumerator(name));
    let printers = 0;
    for (const { layout } of capture.events) {
      const pieces = parsePrintFormat(layout, constants);
      if (pieces === undefined || layout.group === 'syscalls') continue;
      for (const littleEndian of [true, false]) {
        printers++;
        const context = contextOf(littleEndian);
        const make = (generate: boolean) => new EvaluatedText(layout, pieces, context, generate);
        const size = fixedEnd(layout);
        fc.assert(
          fc.property(bytes(size + 4), fc.integer({ min: 0, max: 24 }), (fixed, more) => {
            const source = new Uint8Array(4 + size + more);
            source.set(fixed.subarray(0, source.length));
            expectSame(make, recordOf(layout, source, 4));
          }),
          { numRuns: 3 },
        );
      }
    }
    expect(printers).toBe(1642);
  }, 120_000);

  it('prints what the evaluator prints, for any expression', () => {
    let generated = 0;
    fc.assert(
      fc.property(
        fc.array(anyArgument, { minLength: 1, maxLength: 4 }),
        bytes(88),
        fc.integer({ min: 0, max: 16 }),
        fc.boolean(),
        (args, content, short, littleEndian) => {
          const format = args.map(({ format }, index) => `é${index} is ${format}`).join(', ');
          const printFmt = `"${format}", ${args.map(({ value }) => value).join(', ')}`;
          const { layout } = eventOf(printFmt, [...fields, ['__data_loc char[]', 'l', 72, 4, true]]);
          const pieces = parsePrintFormat(layout, () => undefined);
          if (pieces === undefined) return;
          generated++;
          const context = contextOf(littleEndian);
          const record = recordOf(layout, content.slice(0, content.length - short), 4);
          expectSame(generate => new EvaluatedText(layout, pieces, context, generate), record);
        },
      ),
      { numRuns: 3000 },
    );
    expect(generated).toBeGreaterThan(1500);
  }, 120_000);

  it('is made when an event is met often', () => {
    const { layout } = eventOf('"a=%d", REC->a', [['int', 'a', 8, 4, true]]);
    const printer = new EvaluatedText(layout, parsePrintFormat(layout, () => undefined)!, contextOf(true));
    const record = recordOf(layout, new Uint8Array(12).fill(0xff), 0);
    const out = new ByteText();
    for (let met = 1; met <= 20; met++) {
      printer.print(out, record);
      expect(printer.whole !== undefined).toBe(met >= 16);
    }
    expect(latin1(out.take())).toBe('a=-1'.repeat(20));
  });

  it('is not needed where making code from text is forbidden', () => {
    const { layout } = eventOf('"a=%d", REC->a', [['int', 'a', 8, 4, true]]);
    const pieces = parsePrintFormat(layout, () => undefined)!;
    vi.stubGlobal('Function', () => {
      throw new EvalError('Code generation from strings disallowed for this context');
    });
    const printer = new EvaluatedText(layout, pieces, contextOf(true));
    const record = recordOf(layout, new Uint8Array(12).fill(0xff), 0);
    meetOften(printer, record);
    vi.unstubAllGlobals();
    expect(printer.whole).toBeUndefined();
    const out = new ByteText();
    printer.print(out, record);
    expect(latin1(out.take())).toBe('a=-1');
  });
});

describe('the code of a system call', () => {
  it('writes what is printed without, in both byte orders', () => {
    const { capture } = loadRecording('6.12-cloud-static');
    const layouts = capture.events.map(({ layout }) => layout).filter(({ group }) => group === 'syscalls');
    expect(layouts.length).toBeGreaterThan(600);
    for (const layout of layouts) {
      for (const littleEndian of [true, false]) {
        const printer = SyscallText.of(layout, littleEndian)!;
        const body = new ScriptBody(littleEndian);
        printer.emit(body);
        const write = body.compile()!;
        const property = fc.property(bytes(4 + printer.fixedSize), source => {
          const record = recordOf(layout, source, 4);
          const [plain, emitted] = [new ByteText(16), new ByteText(16)];
          printer.print(plain, record);
          write(emitted, record);
          expect(latin1(emitted.take())).toBe(latin1(plain.take()));
        });
        fc.assert(property, { numRuns: 3 });
      }
    }
  });
});
