import type { BodyEmitter, ListedText, ListMarks, QuotedCharacters, StoredBits } from './body-emitter.js';
import { bytesOf } from './byte-text.js';
import { asWide, type BodyCall, BodyCode, type Operand } from './generated-text.js';
import { lowWord, NumberCode } from './number-code.js';
import type { BytesNode, IntNode } from './print-tree.js';
import { IntValues } from './print-value.js';

/** Makes the code of a body as JavaScript. */
export class ScriptBody extends BodyCode implements BodyEmitter<Operand> {
  readonly #numbers: NumberCode;

  constructor(littleEndian: boolean) {
    super(littleEndian);
    this.#numbers = new NumberCode(this, new IntValues(littleEndian));
  }

  value(node: IntNode): Operand {
    return this.#numbers.of(node);
  }

  cut(value: Operand, bits: 8 | 16 | 32 | 64, signed: boolean): Operand {
    if (bits === 64) {
      if (value.bits === 32 && value.signed === signed) return value;
      // A number that has no sign keeps its value with one.
      if (value.bits === 32 && !value.signed) return value;
      if (value.bits === 64) return { ...value, signed };
      return { bits: 64, signed, high: `(${value.text} >> 31)`, low: `(${value.text} | 0)` };
    }
    const low = lowWord(value);
    if (bits === 32) return { bits: 32, signed, text: signed ? `(${low} | 0)` : `(${low} >>> 0)` };
    const rest = 32 - bits;
    return {
      bits: 32,
      signed,
      text: signed ? `(${low} << ${rest} >> ${rest})` : `(${low} & ${2 ** bits - 1})`,
    };
  }

  bits(value: Operand, { offset, width, signed }: StoredBits): Operand {
    const { high, low } = asWide(value);
    const rest = 32 - width;
    let shifted =
      offset < 32 ? `(${low} >>> ${offset} | ${high} << ${32 - offset})` : `${high} >>> ${offset - 32}`;
    if (offset === 0) shifted = low;
    return { bits: 32, signed, text: this.bind(`${shifted} << ${rest} ${signed ? '>>' : '>>>'} ${rest}`) };
  }

  list({ opening, separator, closing }: ListMarks, members: readonly ListedText<Operand>[]): void {
    this.#block('', () => {
      this.line('let listed = false;');
      for (const { label, texts, value } of members) {
        const text = this.find(texts, value);
        this.#block(`if (${text}.length > 0)`, () => {
          this.#block('if (listed)', () => this.label(separator));
          this.#block('else', () => this.label(opening));
          this.line('listed = true;');
          this.label(label);
          this.put(text);
        });
      }
      this.#block('if (listed)', () => this.label(closing));
    });
  }

  characters(node: BytesNode): void {
    this.#block('', () => {
      if (node.kind === 'fixed') {
        this.untilNul(this.bind(`start + ${node.offset}`), this.bind(`start + ${node.offset + node.size}`));
      } else if (node.kind === 'rest') {
        this.untilNul(this.bind(`start + ${node.offset}`), this.bind('record.end'));
      } else {
        const location = lowWord(this.field(4, false, node.offset));
        const base = node.relative ? `start + ${node.offset + 4}` : 'start';
        const end = this.bind('record.end');
        this.untilNul(this.bind(`Math.min(${base} + (${location} & 65535), ${end})`), end);
      }
    });
  }

  located(offset: number, { fault, overflow }: { fault: Uint8Array; overflow: Uint8Array }): void {
    const location = lowWord(this.field(4, false, offset));
    this.#block(`if (${location} >>> 16 === 0)`, () => this.label(fault));
    this.#block('else', () => {
      const from = this.bind(`start + (${location} & 65535)`);
      const end = this.bind('record.end');
      this.#block(`if (${from} >= ${end})`, () => this.label(overflow));
      this.#block('else', () => {
        this.label(bytesOf('"'));
        this.untilNul(from, end);
        this.label(bytesOf('"'));
      });
    });
  }

  quoted(_: QuotedCharacters, otherwise: BodyCall): void {
    // A function that all events share is as fast as code in place.
    this.call(otherwise);
  }

  choose(condition: IntNode, yes: () => void, no: () => void): void {
    this.#block(`if (${this.#numbers.condition(condition)})`, yes);
    this.#block('else', no);
  }

  padded(side: 'start' | 'end', width: number, fill: ' ' | '0', write: () => void): void {
    this.#block('', () => {
      const since = this.place();
      write();
      this.pad(since, side, width, fill);
    });
  }

  /** What is written in a block of its own does not count its names to the rest. */
  #block(head: string, write: () => void): void {
    this.line(`${head} {`);
    write();
    this.line('}');
  }
}
