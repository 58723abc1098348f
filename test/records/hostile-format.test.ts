import { describe, expect, it } from 'vitest';
import { FixedText } from '../../src/records/byte-text.js';
import {
  type BodyStyle,
  COMMON_PAGE_FORMAT,
  PageWriter,
  RecordReader,
  type TracedEvent,
  TraceText,
} from '../../src/records/index.js';
import { AddressText } from '../../src/records/symbol-text.js';
import { eventOf, noSymbols } from './recorded.js';
import { write } from './wasm/engine-lines.js';

type Fields = Parameters<typeof eventOf>[1];

const x: Fields[number] = ['int', 'x', 8, 4, true];

function pagesOf(records: number, size: number): Uint8Array {
  const writer = new PageWriter();
  for (let time = 1; time <= records; time++) {
    const bytes = new Uint8Array(size).fill(1, 8);
    bytes[0] = 7;
    writer.write(BigInt(time), bytes);
  }
  writer.finishPage();
  return Uint8Array.from(Buffer.concat(writer.takePages()));
}

/** The style of an event, and how long its lines are; all who write lines write the same, soon. */
function met(event: TracedEvent, size = 16): { readonly style: BodyStyle; readonly lines: number } {
  const pages = pagesOf(100, size);
  const [plain, made] = [false, true].map(engine => {
    const text = new TraceText({ symbols: noSymbols, engine });
    const commOf = () => undefined;
    const reader = new RecordReader({ format: COMMON_PAGE_FORMAT, cpus: [0], events: [event], commOf });
    reader.feed(0, pages);
    return { style: text.styleOf(event), ...write(reader, text, 1000) };
  });
  expect(made!.text === plain!.text).toBe(true);
  expect(plain!.text.split('\n').length).toBe(101);
  return { style: plain!.style, lines: plain!.text.length / 100 };
}

const ofX = (printFmt: string, field = x) => met(eventOf(printFmt, [field]));

it('whose texts could be longer in all than 32 bits tell leaves its line to others', () => {
  const texts = 2048;
  const size = 2 ** 32 / texts;
  const format = { ...COMMON_PAGE_FORMAT, size: 2 * size };
  const args = ', __get_str(l)'.repeat(texts);
  const event = eventOf(`"${'%s'.repeat(texts)}"${args}`, [['__data_loc char[]', 'l', 8, 4, true]]);
  const writer = new PageWriter(format);
  // The text at byte 12 is short, though it might reach to the record's end.
  const record = (length: number) => {
    const bytes = new Uint8Array(length);
    bytes.set([7, 0, 0, 0, 42, 0, 0, 0, 12, 0, 2, 0, 0x61, 0]);
    return bytes;
  };
  for (let time = 1n; time <= 100n; time++) writer.write(time, record(time === 100n ? size : 16));
  writer.finishPage();
  const pages = Uint8Array.from(Buffer.concat(writer.takePages()));
  const [plain, made] = [false, true].map(engine => {
    const reader = new RecordReader({ format, cpus: [0], events: [event], commOf: () => undefined });
    reader.feed(0, pages);
    return write(reader, new TraceText({ symbols: noSymbols, engine }), 1000);
  });
  expect(made!.text === plain!.text).toBe(true);
  // Those that are met before there is code, and the long one.
  expect(made!.singly).toBe(64 + 1);
});

describe('a print format is left to the fields', () => {
  const sum = (terms: number) => `REC->x${' + 1'.repeat(terms)}`;
  const doubled = (times: number) => {
    const names = Array.from({ length: times }, (_, index) => `int a${index + 1} = a${index} + a${index};`);
    return `({ int a0 = REC->x; ${names.join(' ')} a${times}; })`;
  };

  it.each([
    ['whose sums are long', `"%d", ${sum(7000)}`],
    ['whose sums are long in a condition', `"%s", (${sum(7000)}) ? "a" : "b"`],
    ['whose sums are long in flags', `"%s", __print_flags(${sum(7000)}, "", { 1, "a" })`],
    ['whose sums are long in an index', `"%d", REC->x[${sum(7000)}]`],
    ['whose sums are long in a precision', `"%.*s", ${sum(7000)}, "a"`],
    ['whose sums are long on the right', `"%d", ${'1 + ('.repeat(100)}REC->x${')'.repeat(100)}`],
    ['whose variables double', `"%d", ${doubled(40)}`],
    ['whose variables double a thousand times', `"%d", ${doubled(1000)}`],
    ['whose choices are nested', `"%d", ${'REC->x ? 1 : '.repeat(3000)}2`],
    ['whose choices are nested in front', `"%d", ${'REC->x ? '.repeat(3000)}1${' : 2'.repeat(3000)}`],
    ['that has many names', `"%s", __print_flags(REC->x, "", ${'{ 1, "a" }, '.repeat(100_000)}{ 2, "b" })`],
    ['that has wide numbers', `"%100000d", REC->x`],
    ['that has precise numbers', `"%.100000d", REC->x`],
    ['that has wide numbers by an argument', `"%*d", 100000, REC->x`],
    ['that has many conversions', `"${'%d'.repeat(300_000)}"${', REC->x'.repeat(300_000)}`],
    ['that has many conversions without arguments', `"${'%d'.repeat(300_000)}"`],
    ['that has many percents', `"${'%%'.repeat(1_000_000)}"`],
    ['that has a number of many digits', `"%d", ${'9'.repeat(1_000_000)}`],
    ['that has a long text', `"${'a'.repeat(2_000_000)}"`],
    ['that has a text of many escapes', `"${'\\\\'.repeat(1_000_000)}"`],
    ['that has an unknown conversion before a percent', '"%!%%"'],
  ])('%s', (_, printFmt) => {
    expect(ofX(printFmt).style).toBe('fields');
  });

  it.each(['1.5', '0.5', '1e-1'])('whose array has %s elements', count => {
    const field: Fields[number] = ['s32', 'x', 8, 12, true, count];
    expect(met(eventOf('"%d", REC->x[1]', [field]), 24).style).toBe('fields');
  });
});

describe('what is large, but not too large, is printed', () => {
  it.each([
    ['a sum', `"%d", REC->x${' + 1'.repeat(150)}`],
    ['many conversions', `"${'%d'.repeat(3000)}"${', REC->x'.repeat(3000)}`],
    ['wide conversions', `"${'%256d'.repeat(400)}"${', REC->x'.repeat(400)}`],
    ['a long text', `"${'aé'.repeat(30_000)} %d", REC->x`],
    ['long names', `"%s", __print_flags(REC->x, "", { 1, "${'a'.repeat(60_000)}" })`],
    ['many names', `"%s", __print_symbolic(REC->x, ${'{ 2, "a" }, '.repeat(2500)}{ 0x01010101, "b" })`],
    ['many percents', `"${'%%'.repeat(30_000)}%d", REC->x`],
  ])('%s', (_, printFmt) => {
    expect(ofX(printFmt).style).toBe('print format');
  });
});

describe('texts of numbers', () => {
  it('are kept, but not any number of long ones', () => {
    const asked = (length: number) => {
      let made = 0;
      const texts = new AddressText(() => {
        made++;
        return FixedText.of('a'.repeat(length));
      });
      for (let turn = 0; turn < 2; turn++) {
        for (let low = 0; low < 100; low++) expect(texts.of(0, low).length).toBe(length);
      }
      return made;
    };
    expect(asked(1000)).toBe(100);
    expect(asked(60_000)).toBe(200);
  });
});

describe('fields', () => {
  const many = (size: number): Fields =>
    Array.from({ length: 4000 }, (_, index) => ['u8', `f${index}`, 8 + index * size, size]);

  it('that are many are printed', () => {
    expect(met(eventOf('', many(1))).style).toBe('fields');
    const format = many(1).map(([, name]) => ` ${name}=%u`);
    const args = many(1).map(([, name]) => `REC->${name}`);
    const printFmt = `"${format.join('')}", ${args.join(', ')}`;
    expect(met(eventOf(printFmt, many(1), 'p:ev f'), 4008).style).toBe('probe');
  });

  it('of long names are printed', () => {
    const name = 'a'.repeat(200_000);
    const field = ['u32', name, 8, 4] as const;
    expect(met(eventOf('', [field])).lines).toBeGreaterThan(200_000);
    expect(met(eventOf(`" ${name}=%u", REC->${name}`, [field], 'p:ev f')).style).toBe('probe');
  });

  it('of long arrays are printed', () => {
    const count = 1 << 18;
    const field = ['u32', 'a', 8, 4 * count, false, String(count)] as const;
    const printFmt = `" a={${Array.from({ length: count }, () => '%u').join()}}", REC->a[0]`;
    expect(met(eventOf(printFmt, [field], 'p:ev f')).style).toBe('probe');
    const short = ['u8', 'a', 8, 4000, false, '4000'] as const;
    const whole = `" a={${Array.from({ length: 4000 }, () => '%u').join()}}", REC->a[0]`;
    expect(met(eventOf(whole, [short], 'p:ev f'), 4008).style).toBe('probe');
  });

  it('of long names are printed for system calls', () => {
    const event = eventOf('', [['long', 'a'.repeat(200_000), 8, 8]], undefined, 'sys_enter_kill');
    const syscall = { ...event, group: 'syscalls', layout: { ...event.layout, group: 'syscalls' } };
    expect(met(syscall).style).toBe('syscall');
  });
});
