import type { AddressValues } from './address-values.js';
import type { NumberStyle, ShapedField } from './decode.js';
import type { PageRecord } from './page-record.js';
import type { FieldValue } from './values.js';

/** Fields by name. */
export type Args = Readonly<Record<string, FieldValue>>;

/** Reads the fields of a record that holds all the fixed ones and says of none that its fetch failed. */
export type ArgsReader = (record: PageRecord) => Args;

/**
 * What all objects of fields inherit from, with no name in it: engines make an object that inherits from `null` a slow one. Node prints one
 * that inherits from this as what it holds.
 */
export const nothing: object = Object.freeze(
  Object.create(null, {
    [Symbol.for('nodejs.util.inspect.custom')]: {
      value(this: object): object {
        return { ...this };
      },
    },
  }),
);

/** Arrays of up to so many numbers are read in place. */
const MOST_IN_PLACE = 16;

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Bytes that a record must have to hold all its fixed fields. */
export function fieldsEnd(fields: readonly ShapedField[]): number {
  return Math.max(0, ...fields.map(({ offset, size }) => offset + size));
}

/**
 * Makes the JavaScript of an `ArgsReader`. Fields that are no plain numbers are left to `other`. Of the event's own words the text
 * holds the fields' names, which are identifiers. `undefined` where one is not, and where the host forbids making code from text, as web pages may.
 */
export function generateArgs(
  fields: readonly ShapedField[],
  littleEndian: boolean,
  addresses: AddressValues,
  other: (record: PageRecord, field: ShapedField) => FieldValue,
): ArgsReader | undefined {
  if (!fields.every(({ name }) => IDENTIFIER.test(name))) return undefined;
  const values = fields.map(
    (field, index) => inPlace(field, littleEndian) ?? `other(record, fields[${index}])`,
  );
  const code = `function Args(${fields.map((_, index) => `v${index}`)}) {
${fields.map(({ name }, index) => `this.${name} = v${index};`).join('\n')}
}
Args.prototype = nothing;
return function (record) {
const { view, start } = record;
return new Args(${values.join(',\n')});
};`;
  try {
    const make = new Function('fields', 'nothing', 'addresses', 'other', code);
    return make(fields, nothing, addresses, other) as ArgsReader;
  } catch (error) {
    // What a host throws that forbids it.
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

/** The expression of a field's value; `undefined` for what is more than a number or a few. */
function inPlace({ offset, shape }: ShapedField, little: boolean): string | undefined {
  if (shape.kind !== 'number' || shape.count === 'rest') return undefined;
  const { style, size, count } = shape;
  if (style === 'symbol' && size < 4) return undefined;
  if (count === undefined) return number(style, size, offset, little);
  if (count > MOST_IN_PLACE) return undefined;
  const elements = Array.from({ length: count }, (_, index) =>
    number(style, size, offset + index * size, little),
  );
  return `[${elements.join(', ')}]`;
}

function number(style: NumberStyle, size: 1 | 2 | 4 | 8, offset: number, little: boolean): string {
  if (style === 'char') return `String.fromCharCode(view.getUint8(start + ${offset}))`;
  if (style === 'symbol') {
    const half = (at: number) => `view.getInt32(start + ${offset + at}, ${little})`;
    if (size === 4) return `addresses.of(0, ${half(0)})`;
    return little ? `addresses.of(${half(4)}, ${half(0)})` : `addresses.of(${half(0)}, ${half(4)})`;
  }
  const sign = style === 'signed' ? 'Int' : 'Uint';
  const name = size === 8 ? `Big${sign}64` : `${sign}${8 * size}`;
  return `view.get${name}(start + ${offset}, ${little})`;
}
