import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QuotedCharacters } from '../../../src/records/body-emitter.js';
import { ByteText, bytesOf, FixedText } from '../../../src/records/byte-text.js';
import type { BodyCall } from '../../../src/records/generated-text.js';
import { type BytesNode, INT, type IntNode, type IntSize } from '../../../src/records/print-tree.js';
import { IntValues } from '../../../src/records/print-value.js';
import { AddressText } from '../../../src/records/symbol-text.js';
import { layout, MOST_TEXT, TEXT_PLACES, textEntry } from '../../../src/records/wasm/layout.js';
import { type HostNumbers, LineTooLong, type WasmBody } from '../../../src/records/wasm/wasm-body.js';
import { latin1 } from '../recorded.js';
import { bodyOf, bytes, type Host, putText, recordAt } from './instance.js';

const FIXED_SIZE = 32;
/** Where records end: bytes behind them are theirs that come next, and no NULs. */
const END = bytes.length - 16;

const label = (body: WasmBody, text: string) => body.label(bytesOf(text));
const letters = (size: number) => 'abcdefghijklmnopqrstuvwxyz'.repeat(40).slice(0, size);

const byte = fc.oneof(fc.constant(0), fc.constant(0xff), fc.nat(40), fc.nat(255));
const record = fc
  .array(byte, { minLength: FIXED_SIZE, maxLength: FIXED_SIZE + 60 })
  .map(list => Uint8Array.from(list));

const TEXT_SIZE = 1024;
const TEXTS = 100;

/** Knows texts and calls as the host is to do it. */
function hostOf(): Host & HostNumbers {
  const kinds: AddressText[] = [];
  const calls: BodyCall[] = [];
  let used = 0;
  // Other hosts' kinds have other texts.
  const forget = () => bytes.fill(0, layout.textCache, layout.textCache + TEXT_PLACES * textEntry.size);
  forget();
  return {
    kindOf: texts => kinds.push(texts),
    callOf: call => calls.push(call) - 1,
    text(kind, value) {
      const halves = [value >> 32n, value].map(half => Number(BigInt.asIntN(32, half))) as [number, number];
      const text = kinds[kind - 1]!.of(...halves);
      if (text.length > MOST_TEXT) return 0;
      if (used === TEXTS) {
        forget();
        used = 0;
      }
      return putText(layout.texts + used++ * TEXT_SIZE, String(text));
    },
    call(number, start, end, place) {
      const out = new ByteText();
      calls[number]!(out, recordAt(start, end));
      const text = out.take();
      if (text.length > 20) return -5;
      bytes.set(text, place);
      return place + text.length;
    },
  };
}

/** Every number prints as itself, in more digits the larger it is. */
const names = new AddressText(address => FixedText.of(`<${address}>`));

describe('labels', () => {
  it('of every length are written, one after another and around numbers', () => {
    for (let length = 0; length <= 70; length++) {
      const text = letters(length);
      const made = bodyOf(FIXED_SIZE, body => {
        label(body, text);
        label(body, 'é');
        body.character(body.field(1, false, 0));
        label(body, text);
        body.number('decimal', body.field(1, false, 1));
        label(body, text);
      });
      const content = new Uint8Array(FIXED_SIZE).fill(0x41);
      expect(made.of(content)).toBe(`${text}éA${text}65${text}`);
    }
  });

  it('that are too long leave the event to others', () => {
    const labelled = (thousands: number) => bodyOf(0, body => label(body, letters(1000).repeat(thousands)));
    expect(labelled(65).body.isUsable).toBe(true);
    expect(() => labelled(66)).toThrow(LineTooLong);
    const padded = (width: number) =>
      bodyOf(0, body => body.padded('start', width, ' ', () => label(body, 'a')));
    expect(padded(60_000).body.isUsable).toBe(true);
    expect(() => padded(70_000)).toThrow(LineTooLong);
    expect(() => padded(2 ** 40)).toThrow(LineTooLong);
  });
});

describe('numbers of the record', () => {
  const size = fc.constantFrom<IntSize>(1, 2, 4, 8);
  const cut = fc.constantFrom(8, 16, 32, 64, undefined);

  it('are written in every style, whole and cut', () => {
    const check = (
      size: IntSize,
      signed: boolean,
      bits: 8 | 16 | 32 | 64 | undefined,
      as: boolean,
      content: Uint8Array,
    ) => {
      const made = bodyOf(FIXED_SIZE, body => {
        const number = () => {
          const field = body.field(size, signed, 3);
          return bits === undefined ? field : body.cut(field, bits, as);
        };
        body.number('decimal', number());
        label(body, ' ');
        body.number('hex', number());
        label(body, ' ');
        body.number('pointer', number());
        label(body, ' ');
        body.character(number());
      });
      let value = 0n;
      for (let at = size - 1; at >= 0; at--) value = (value << 8n) | BigInt(content[3 + at]!);
      if (signed) value = BigInt.asIntN(size * 8, value);
      let width = size === 8 ? 64 : 32;
      if (bits !== undefined) {
        value = as ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
        // A number of 32 bits without a sign is written as it is.
        width = bits === 64 ? (size === 8 || (signed && !as) ? 64 : 32) : 32;
      }
      const hex = BigInt.asUintN(width, value).toString(16);
      const pointer = BigInt.asUintN(64, value).toString(16).padStart(16, '0');
      const character = String.fromCharCode(Number(value & 0xffn));
      expect(made.of(content)).toBe(`${value} ${hex} ${pointer} ${character}`);
    };
    fc.assert(fc.property(size, fc.boolean(), cut, fc.boolean(), record, check), { numRuns: 1000 });
  });
});

describe('bytes of the record', () => {
  const node: fc.Arbitrary<BytesNode> = fc.oneof(
    fc.record({ kind: fc.constant('fixed' as const), offset: fc.nat(16), size: fc.nat(16) }),
    fc.record({ kind: fc.constant('rest' as const), offset: fc.nat(FIXED_SIZE) }),
    fc.record({
      kind: fc.constant('located' as const),
      offset: fc.nat(FIXED_SIZE - 4),
      relative: fc.boolean(),
    }),
  );
  const location = fc.oneof(
    fc.constant(0),
    fc.integer({ min: FIXED_SIZE, max: FIXED_SIZE + 70 }),
    fc.nat(0xffff),
  );

  it('are those up to a NUL or the end, wherever a location points', () => {
    fc.assert(
      fc.property(node, location, fc.constantFrom(0, 1, 0xffff), record, (node, offset, length, content) => {
        if (node.kind === 'located') {
          new DataView(content.buffer).setUint32(node.offset, ((length << 16) | offset) >>> 0, true);
        }
        const made = bodyOf(FIXED_SIZE, body => {
          label(body, '[');
          body.characters(node);
          label(body, ']');
        });
        bytes.fill(0x62, END);
        const written = made.of(content, END);
        const values = new IntValues(true);
        const placed = recordAt(END - content.length, END);
        values.record = placed;
        const { start, end } = values.range(node);
        const out = new ByteText();
        out.putUntilNul(bytes, start, node.kind === 'located' ? placed.end : end);
        expect(written).toBe(`[${latin1(out.take())}]`);
      }),
      { numRuns: 3000 },
    );
  });

  it('of a probe are quoted, or it is said why they are not there', () => {
    const instead = { fault: bytesOf('(fault)'), overflow: bytesOf('<OVERFLOW>') };
    const made = bodyOf(FIXED_SIZE, body => {
      label(body, 'a=');
      body.located(4, instead);
      label(body, ' b=');
      body.located(8, instead);
    });
    const text = (content: Uint8Array, offset: number, length: number) => {
      if (length === 0) return '(fault)';
      if (offset >= content.length) return '<OVERFLOW>';
      return `"${latin1(content.subarray(offset)).replace(/\0.*/s, '')}"`;
    };
    const place = fc.record({ offset: location, length: fc.constantFrom(0, 1, 0x7fff, 0xffff) });
    fc.assert(
      fc.property(place, place, record, (a, b, content) => {
        const view = new DataView(content.buffer);
        view.setUint32(4, ((a.length << 16) | a.offset) >>> 0, true);
        view.setUint32(8, ((b.length << 16) | b.offset) >>> 0, true);
        bytes.fill(0x62, END);
        const expected = `a=${text(content, a.offset, a.length)} b=${text(content, b.offset, b.length)}`;
        expect(made.of(content, END)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('characters in quotes', () => {
  const behind = letters(600);
  const instead = (body: WasmBody, characters: QuotedCharacters) => {
    label(body, '[');
    body.quoted(characters, out => out.text('?'));
    label(body, ']');
    body.whenCalled(
      () => label(body, ' called'),
      () => label(body, ' in place'),
    );
    // What was written before it was given up lies below.
    label(body, behind);
  };
  const character = fc.oneof(
    { weight: 60, arbitrary: fc.integer({ min: 0x61, max: 0x7a }) },
    fc.constantFrom(0, 0x22, 0x0a, 0x80, 0xff),
  );
  const content = fc
    .array(character, { minLength: FIXED_SIZE, maxLength: FIXED_SIZE + 60 })
    .map(list => Uint8Array.from(list));

  const expected = (bytes: Uint8Array | undefined) => {
    const text = bytes && latin1(bytes).replace(/\0.*/s, '');
    return text === undefined || /[\x80-\xff]/.test(text)
      ? `[?] called${behind}`
      : `[${JSON.stringify(text)}] in place${behind}`;
  };

  it('are written where they are ASCII, else the call writes', () => {
    fc.assert(
      fc.property(fc.nat(16), fc.nat(16), content, (offset, size, content) => {
        const fixed = bodyOf(FIXED_SIZE, body => instead(body, { kind: 'fixed', offset, size }), hostOf());
        expect(fixed.of(content, END)).toBe(expected(content.subarray(offset, offset + size)));
        const rest = bodyOf(FIXED_SIZE, body => instead(body, { kind: 'rest', offset }), hostOf());
        expect(rest.of(content, END)).toBe(expected(content.subarray(offset)));
      }),
      { numRuns: 1000 },
    );
  });

  it('that a location leads to are written where they are as it is told', () => {
    const places = [4, 12, 20];
    const location = fc.record({
      start: fc.oneof(fc.integer({ min: FIXED_SIZE, max: FIXED_SIZE + 70 }), fc.nat(0xffff)),
      length: fc.oneof(fc.nat(30), fc.nat(0xffff)),
    });
    fc.assert(
      fc.property(
        fc.tuple(location, location, location),
        fc.boolean(),
        fc.constantFrom(0, 1),
        fc.constantFrom(8, 25, 4094),
        content,
        (locations, relative, least, most, content) => {
          const view = new DataView(content.buffer);
          for (const [index, { start, length }] of locations.entries())
            view.setUint32(places[index]!, ((length << 16) | start) >>> 0, true);
          const others = places.slice(1);
          const made = bodyOf(
            FIXED_SIZE,
            body => instead(body, { kind: 'located', offset: places[0]!, relative, least, most, others }),
            hostOf(),
          );
          const [{ start, length }, ...apart] = locations;
          const first = start + (relative ? places[0]! + 4 : 0);
          const isPlain =
            length >= least &&
            length <= most &&
            first + length <= content.length &&
            apart.every(other => other.start < start || other.start >= start + length);
          expect(made.of(content, END)).toBe(
            expected(isPlain ? content.subarray(first, first + length) : undefined),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('are not looked for behind what a record is known to have', () => {
    const isUsable = (characters: QuotedCharacters) =>
      bodyOf(FIXED_SIZE, body => instead(body, characters)).body.isUsable;
    expect(isUsable({ kind: 'fixed', offset: 30, size: 2 })).toBe(true);
    expect(isUsable({ kind: 'fixed', offset: 30, size: 3 })).toBe(false);
    expect(isUsable({ kind: 'rest', offset: 32 })).toBe(true);
    expect(isUsable({ kind: 'rest', offset: 33 })).toBe(false);
    const located = { kind: 'located', offset: 28, relative: true, least: 0, most: 9, others: [] } as const;
    expect(isUsable(located)).toBe(true);
    expect(isUsable({ ...located, others: [29] })).toBe(false);
  });
});

describe('bits of a number', () => {
  it('are a number with the sign they are said to have', () => {
    const part = fc
      .constantFrom<IntSize>(1, 2, 4, 8)
      .chain(size => fc.tuple(fc.constant(size), fc.nat(size * 8 - 1)))
      .chain(([size, offset]) =>
        fc.tuple(
          fc.constant(size),
          fc.constant(offset),
          fc.integer({ min: 1, max: Math.min(32, size * 8 - offset) }),
        ),
      );
    fc.assert(
      fc.property(
        part,
        fc.boolean(),
        fc.boolean(),
        record,
        ([size, offset, width], signed, stored, content) => {
          const made = bodyOf(FIXED_SIZE, body =>
            body.number('decimal', body.bits(body.field(size, stored, 3), { offset, width, signed })),
          );
          let value = 0n;
          for (let at = size - 1; at >= 0; at--) value = (value << 8n) | BigInt(content[3 + at]!);
          value >>= BigInt(offset);
          expect(made.of(content)).toBe(
            `${signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)}`,
          );
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a list', () => {
  const marks = { opening: bytesOf('<'), separator: bytesOf(', '), closing: bytesOf('>') };
  const nothing = FixedText.of('');
  const even = new AddressText(address => (address % 2n === 0n ? FixedText.of(`${address}`) : nothing));

  it('has the texts that are not empty', () => {
    const made = bodyOf(
      FIXED_SIZE,
      body => {
        label(body, 'list ');
        const member = (offset: number) => ({
          label: bytesOf(`${offset}=`),
          texts: even,
          value: body.field(1, false, offset),
        });
        body.list(marks, [0, 1, 2].map(member));
        label(body, '.');
      },
      hostOf(),
    );
    fc.assert(
      fc.property(record, content => {
        const members = [0, 1, 2].filter(at => content[at]! % 2 === 0).map(at => `${at}=${content[at]}`);
        expect(made.of(content)).toBe(`list ${members.length === 0 ? '' : `<${members.join(', ')}>`}.`);
      }),
      { numRuns: 500 },
    );
  });

  it('does not ask for texts that are known to be empty', () => {
    const asked: bigint[] = [];
    const lowest = 5n << 32n;
    const high = new AddressText(address => FixedText.of(`${address}`), {
      text: nothing,
      number: () => lowest,
    });
    high.of(9, 9);
    const host = hostOf();
    const made = bodyOf(
      FIXED_SIZE,
      body => body.list(marks, [{ label: bytesOf(''), texts: high, value: body.field(8, false, 0) }]),
      {
        ...host,
        text(kind, value) {
          asked.push(value);
          return host.text(kind, value);
        },
      },
    );
    const of = (value: bigint) => {
      const content = new Uint8Array(FIXED_SIZE);
      new DataView(content.buffer).setBigUint64(0, value, true);
      return made.of(content);
    };
    expect([0n, lowest - 1n].map(of)).toEqual(['', '']);
    expect(asked).toEqual([]);
    expect([lowest, 2n ** 64n - 1n].map(of)).toEqual([`<${lowest}>`, `<${2n ** 64n - 1n}>`]);
  });
});

describe('texts for numbers', () => {
  it('are found by the number as 64 bits and by who makes them', () => {
    const others = new AddressText(address => FixedText.of(`(${address.toString(16)})`));
    const made = bodyOf(
      FIXED_SIZE,
      body => {
        label(body, '0123456789');
        body.text(names, body.field(8, false, 0));
        body.text(others, body.field(8, false, 0));
        label(body, '|');
        body.text(names, body.field(4, true, 8));
        body.text(names, body.field(4, false, 8));
        body.text(names, body.field(1, true, 8));
        body.text(others, body.field(2, false, 8));
      },
      hostOf(),
    );
    fc.assert(
      fc.property(record, content => {
        const view = new DataView(content.buffer);
        const wide = view.getBigUint64(0, true);
        const unsigned = (value: number) => BigInt.asUintN(64, BigInt(value));
        const numbers = [view.getInt32(8, true), view.getUint32(8, true), view.getInt8(8)].map(unsigned);
        const expected = `0123456789<${wide}>(${wide.toString(16)})|<${numbers.join('><')}>(${view.getUint16(8, true).toString(16)})`;
        expect(made.of(content)).toBe(expected);
        expect(made.of(content)).toBe(expected);
      }),
    );
  });

  it('that are too long leave the record to others', () => {
    const long = new AddressText(address => FixedText.of(letters(Number(address))));
    const made = bodyOf(
      FIXED_SIZE,
      body => {
        body.choose(
          { kind: 'field', type: INT, offset: 4, size: 1, signed: false },
          () => body.padded('end', 5, ' ', () => body.text(long, body.field(4, false, 0))),
          () => label(body, 'none'),
        );
        label(body, '!');
      },
      hostOf(),
    );
    const content = new Uint8Array(FIXED_SIZE);
    const view = new DataView(content.buffer);
    view.setUint32(0, 1001, true);
    expect(made.of(content)).toBe('none!');
    content[4] = 1;
    expect(made.of(content)).toBeUndefined();
    expect(made.of(content)).toBeUndefined();
    for (const size of [0, 1, 999, 1000]) {
      view.setUint32(0, size, true);
      expect(made.of(content)).toBe(`${letters(size).padEnd(5)}!`);
    }
  });
});

describe('what is chosen, padded and called', () => {
  it('stands where it is to stand, however it is nested', () => {
    type Part =
      | { readonly kind: 'label'; readonly text: string }
      | {
          readonly kind: 'field';
          readonly as: 'number' | 'character' | 'text' | 'string' | 'call';
          readonly offset: number;
        }
      | { readonly kind: 'choose'; readonly offset: number; readonly yes: Part[]; readonly no: Part[] }
      | {
          readonly kind: 'padded';
          readonly side: 'start' | 'end';
          readonly width: number;
          readonly fill: ' ' | '0';
          readonly parts: Part[];
        };
    const offset = fc.nat(FIXED_SIZE - 4);
    const { parts } = fc.letrec<{ part: Part; parts: Part[] }>(tie => ({
      part: fc.oneof(
        { depthSize: 'small' },
        fc.nat(40).map(size => ({ kind: 'label' as const, text: letters(size) })),
        fc.record({
          kind: fc.constant('field' as const),
          as: fc.constantFrom('number' as const, 'character', 'text', 'string', 'call'),
          offset,
        }),
        fc.record({ kind: fc.constant('choose' as const), offset, yes: tie('parts'), no: tie('parts') }),
        fc.record({
          kind: fc.constant('padded' as const),
          side: fc.constantFrom('start' as const, 'end'),
          width: fc.nat(50),
          fill: fc.constantFrom(' ' as const, '0'),
          parts: tie('parts'),
        }),
      ),
      parts: fc.array(tie('part'), { maxLength: 5 }),
    }));
    const field = (offset: number): IntNode => ({ kind: 'field', type: INT, offset, size: 1, signed: true });
    const emitField = (body: WasmBody, as: string, offset: number): void => {
      if (as === 'number') body.number('decimal', body.value(field(offset)));
      else if (as === 'character') body.character(body.value(field(offset)));
      else if (as === 'text') body.text(names, body.value(field(offset)));
      else if (as === 'string') body.characters({ kind: 'rest', offset });
      else body.call((out, { source, start }) => out.text(`call ${source[start + offset]}`));
    };
    const emit = (body: WasmBody, parts: readonly Part[]): void => {
      for (const part of parts) {
        if (part.kind === 'label') {
          label(body, part.text);
        } else if (part.kind === 'field') {
          emitField(body, part.as, part.offset);
        } else if (part.kind === 'choose') {
          body.choose(
            field(part.offset),
            () => emit(body, part.yes),
            () => emit(body, part.no),
          );
        } else {
          body.padded(part.side, part.width, part.fill, () => emit(body, part.parts));
        }
      }
    };
    const expectedField = (as: string, value: number, rest: Uint8Array): string => {
      const signed = (value << 24) >> 24;
      if (as === 'number') return String(signed);
      if (as === 'character') return String.fromCharCode(value);
      if (as === 'text') return `<${BigInt.asUintN(64, BigInt(signed))}>`;
      return as === 'call' ? `call ${value}` : latin1(rest).replace(/\0.*/s, '');
    };
    const expected = (parts: readonly Part[], content: Uint8Array): string =>
      parts
        .map(part => {
          if (part.kind === 'label') return part.text;
          if (part.kind === 'padded') {
            const text = expected(part.parts, content);
            return part.side === 'start'
              ? text.padStart(part.width, part.fill)
              : text.padEnd(part.width, part.fill);
          }
          const value = content[part.offset]!;
          if (part.kind === 'field') return expectedField(part.as, value, content.subarray(part.offset));
          return expected(value !== 0 ? part.yes : part.no, content);
        })
        .join('');
    fc.assert(
      fc.property(parts, fc.array(record, { minLength: 1, maxLength: 3 }), (parts, records) => {
        let calls = 0;
        const host = hostOf();
        const callOf = (call: BodyCall) => {
          calls++;
          return host.callOf(call);
        };
        const made = bodyOf(FIXED_SIZE, body => emit(body, parts), { ...host, callOf });
        for (const content of records) {
          expect(made.of(content, END, calls * 20)).toBe(expected(parts, content));
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('leaves the record to others where the host does', () => {
    const made = bodyOf(
      FIXED_SIZE,
      body => {
        label(body, 'abc');
        body.call((out, { source, start }) => out.text('long'.repeat(source[start]!)));
        label(body, 'def');
      },
      hostOf(),
    );
    const content = new Uint8Array(FIXED_SIZE);
    expect(made.of(content)).toBe('abcdef');
    content[0] = 6;
    expect(made.of(content)).toBeUndefined();
  });
});
