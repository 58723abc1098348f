import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteText } from '../../src/records/byte-text.js';
import { parseProbeFormat, TraceText, ValueReader } from '../../src/records/index.js';
import { ProbeText, probeSymbols } from '../../src/records/probe-text.js';
import { eventOf, latin1, lineOf, loadRecording, meetOften, noSymbols, recordOf } from './recorded.js';

const ip = ['unsigned long', '__probe_ip', 8, 8] as const;

describe('the print format of a probe event', () => {
  it('is understood for every event of the recordings', () => {
    for (const name of ['6.12-cloud', '6.12-cloud-symstr']) {
      for (const { layout } of loadRecording(name).capture.events) {
        const format = parseProbeFormat(layout);
        const named = layout.fields.filter(field => !field.name.startsWith('__probe_'));
        expect(format?.args.map(argument => argument.field)).toEqual(named);
      }
    }
  });

  it('tells each conversion, with the elements of arrays', () => {
    const { layout } = eventOf(
      '"(%lx) a=%u b=%Ld c=0x%x d=\'%c\' e=%pS f=\\"%s\\" g={0x%x,0x%x} h={\\"%s\\",\\"%s\\"}", REC->__probe_ip, REC->a',
      [
        ip,
        ['u8', 'a', 16, 1],
        ['s64', 'b', 17, 8, true],
        ['u32', 'c', 25, 4],
        ['u8', 'd', 29, 1],
        ['u64', 'e', 30, 8],
        ['__data_loc char[]', 'f', 38, 4, true],
        ['u16', 'g', 42, 4, false, ''],
        ['__data_loc char[][2]', 'h', 46, 8, true],
      ],
    );
    const format = parseProbeFormat(layout)!;
    expect(format.head.kind).toBe('entry');
    expect(format.args.map(({ conversion, elementSize, count }) => [conversion, elementSize, count])).toEqual(
      [
        ['unsigned', 1, undefined],
        ['signed', 8, undefined],
        ['hex', 4, undefined],
        ['char', 1, undefined],
        ['symbol', 8, undefined],
        ['string', 4, undefined],
        ['hex', 2, 2],
        ['string', 4, 2],
      ],
    );
  });

  it.each([
    ['another name', '"(%lx) b=%u"', 1],
    ['another conversion', '"(%lx) a=%o"', 1],
    ['more than the fields', '"(%lx) a=%u b=%u"', 1],
    ['a text that ends early', '"(%lx)', 1],
    ['an array without its end', '"(%lx) a={%u,%u"', 2],
    ['more elements than bytes', '"(%lx) a={%u,%u}"', 1],
    ['a character of two bytes', '"(%lx) a=\'%c\'"', 2],
    ['a string that has no location', '"(%lx) a=\\"%s\\""', 4],
    ['a size that no number has', '"(%lx) a=%u"', 3],
    ['a symbol of two bytes', '"(%lx) a=%pS"', 2],
  ])('is refused with %s', (_name, printFmt, size) => {
    expect(parseProbeFormat(eventOf(printFmt, [ip, ['u8', 'a', 16, size]]).layout)).toBeUndefined();
  });
});

describe('an address that is not as wide as one', () => {
  it.each([
    ['"(%lx)"', [['unsigned short', '__probe_ip', 8, 2]]],
    [
      '"(%lx <- %lx)"',
      [
        ['long', '__probe_func', 8, 8],
        ['short', '__probe_ret_ip', 16, 2],
      ],
    ],
  ] as const)('makes %s no probe, and its records are read within their bytes', (printFmt, fields) => {
    const event = eventOf(printFmt, fields);
    const { offset, size } = event.layout.fields.at(-1)!;
    const record = recordOf(event, new Uint8Array(offset + size - 8));
    expect(parseProbeFormat(event.layout)).toBeUndefined();
    expect(new ValueReader({ symbols: noSymbols }).read(record).problems.size).toBe(0);
    const text = new TraceText({ symbols: noSymbols });
    expect(lineOf(text, record)).toMatch(/ev: \S/);
  });
});

describe('generated printers', () => {
  const shapes = fc.constantFrom<readonly [piece: string, type: string, size: number]>(
    ['%u', 'u8', 1],
    ['%u', 'u16', 2],
    ['%u', 'u32', 4],
    ['%Lu', 'u64', 8],
    ['%d', 's8', 1],
    ['%d', 's16', 2],
    ['%d', 's32', 4],
    ['%Ld', 's64', 8],
    ['0x%x', 'u8', 1],
    ['0x%x', 'u16', 2],
    ['0x%x', 'u32', 4],
    ['0x%Lx', 'u64', 8],
    ["'%c'", 'u8', 1],
    ['%pS', 'u64', 8],
    ['%pS', 'u32', 4],
    ['\\"%s\\"', '__data_loc char[]', 4],
  );
  const argument = fc.tuple(
    shapes,
    fc.option(fc.integer({ min: 1, max: 5 }), { nil: 0 }),
    fc.stringMatching(/^[a-z]{1,9}$/),
  );
  const heads = fc.constantFrom('entry', 'return', 'none');

  it('print what the plain ones print, in both byte orders', () => {
    const property = fc.property(
      fc.array(argument, { maxLength: 8 }),
      heads,
      fc.constantFrom('e:grp/ev a.b', 'p:grp/ev /bin/sh:0x10'),
      fc.boolean(),
      fc.uint8Array({ minLength: 200, maxLength: 300 }),
      (args, head, definition, littleEndian, tail) => {
        const place = { entry: 1, return: 2, none: 0 }[head]!;
        const names = ['__probe_ip', '__probe_func', '__probe_ret_ip'].slice(place === 2 ? 1 : 0);
        const fields: [string, string, number, number, boolean, string?][] = [];
        for (let index = 0; index < place; index++)
          fields.push(['unsigned long', names[index]!, 8 + 8 * index, 8, false]);
        let offset = 8 + 8 * place;
        let text = ['', '(%lx)', '(%lx <- %lx)'][place]!;
        for (const [[piece, type, size], count, name] of args) {
          const full = `${name}${offset}`;
          fields.push([
            count > 0 && size === 4 && type.startsWith('__') ? `${type}[${count}]` : type,
            full,
            offset,
            size * Math.max(1, count),
            false,
          ]);
          text += ` ${full}=${count > 0 ? `{${new Array(count).fill(piece).join(',')}}` : piece}`;
          offset += size * Math.max(1, count);
        }
        const event = eventOf(`"${text}"`, fields, definition);
        const format = parseProbeFormat(event.layout)!;
        const record = recordOf(event, tail);
        const symbols = probeSymbols(noSymbols);
        const [generated, plain] = [true, false].map(generate => {
          const printer = new ProbeText(event, format, symbols, littleEndian, generate);
          meetOften(printer, record);
          expect(printer.whole !== undefined).toBe(generate);
          const out = new ByteText(16);
          printer.print(out, record);
          return latin1(out.take());
        });
        expect(generated).toBe(plain);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
