import type { FetchState } from '../language/index.js';
import {
  type ByteText,
  type EventShape,
  FixedText,
  isStored,
  isWide,
  NumberTable,
  type PageRecord,
  stateOf,
} from '../records/index.js';
import type { FieldJson } from './json-body.js';
import { quotedName } from './json-text.js';
import type { ValueNotes } from './json-values.js';
import { stateJson } from './rich-field.js';

const FAULTS = FixedText.of(',"faults":{');
const LATIN1 = FixedText.of(',"latin1":[');
const TYPED = FixedText.of(',"typed":{');
const STATES = FixedText.of(',"states":{');
/** A state that many numbers have: it is not made anew for each. */
const UNKNOWN = FixedText.of(`:${stateJson({ state: 'unknown' }, undefined)}`);
const COMMA = 0x2c;
const COMMA_TEXT = FixedText.of(',');
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Writes what is said of a record's values behind them. */
export class JsonRemarks {
  readonly #out: ByteText;
  readonly #notes: ValueNotes;
  /** Names of fields as JSON. */
  readonly #names = new Map<string, FixedText>();
  /** A value that never fits is cut to the same length each time. */
  readonly #truncated = new NumberTable<FixedText>();

  constructor(out: ByteText, notes: ValueNotes) {
    this.#out = out;
    this.#notes = notes;
  }

  /** What values mean. */
  putTyped(record: PageRecord, fields: readonly FieldJson[]): void {
    const out = this.#out;
    let isFirst = true;
    for (const { field, rich } of fields) {
      if (rich === undefined || this.#notes.problems.has(field.name)) continue;
      const meaning = rich.meaningOf(record);
      if (meaning === undefined) continue;
      out.fixed(isFirst ? TYPED : COMMA_TEXT);
      out.fixed(rich.label);
      out.fixed(meaning);
      isFirst = false;
    }
    if (!isFirst) out.byte(CLOSE_OBJECT);
  }

  /** How values were had, where that is not simply well. */
  putStates(record: PageRecord, fields: readonly FieldJson[], shape: EventShape): void {
    const out = this.#out;
    let isFirst = true;
    for (const { field, rich } of fields) {
      const state = stateOf(record, shape, field, rich?.type, this.#notes.problems.get(field.name));
      if (state.state === 'ok' || isInFaults(state)) continue;
      out.fixed(isFirst ? STATES : COMMA_TEXT);
      out.fixed(this.#nameOf(field.name));
      if (state.state === 'unknown') {
        out.fixed(UNKNOWN);
      } else if (state.state === 'truncated') {
        out.fixed(this.#truncatedTo(state.length));
      } else {
        out.text(':');
        out.text(stateJson(state, rich?.type));
      }
      isFirst = false;
    }
    if (!isFirst) out.byte(CLOSE_OBJECT);
  }

  /** Why values are `null`. */
  putProblems(): void {
    const out = this.#out;
    out.fixed(FAULTS);
    let isFirst = true;
    for (const [name, problem] of this.#notes.problems) {
      if (!isFirst) out.byte(COMMA);
      out.fixed(this.#nameOf(name));
      out.text(`:"${problem}"`);
      isFirst = false;
    }
    out.byte(CLOSE_OBJECT);
    this.#notes.problems.clear();
  }

  /** Which texts are not UTF-8. */
  putLatin1(): void {
    const out = this.#out;
    out.fixed(LATIN1);
    let isFirst = true;
    for (const name of this.#notes.latin1) {
      if (!isFirst) out.byte(COMMA);
      out.fixed(this.#nameOf(name));
      isFirst = false;
    }
    out.byte(CLOSE_ARRAY);
    this.#notes.latin1.clear();
  }

  #truncatedTo(length: number): FixedText {
    let text = this.#truncated.at(length);
    if (text === undefined) {
      text = FixedText.of(`:${stateJson({ state: 'truncated', length }, undefined)}`);
      this.#truncated.set(length, text);
    }
    return text;
  }

  #nameOf(name: string): FixedText {
    let text = this.#names.get(name);
    if (text === undefined) {
      text = FixedText.of(quotedName(name));
      this.#names.set(name, text);
    }
    return text;
  }
}

/** Does `faults` say all of it? */
function isInFaults(state: FetchState): boolean {
  return (
    state.state === 'damaged' ||
    (state.state === 'fault' && state.step === undefined && state.errno === undefined)
  );
}

/**
 * What `states` says of a record that is whole, of which no source knows more and that has no cut text; `undefined` where
 * that depends on the record.
 */
export function usualStates(fields: readonly FieldJson[]): FixedText | undefined {
  let text = '';
  for (const { field, rich } of fields) {
    if (rich === undefined || !isStored(field)) continue;
    const { fromMemory, type } = rich.type;
    // Where only the beginning of a value is stored, it tells whether there was more.
    if (type !== undefined && isWide(type)) return undefined;
    if (fromMemory) text += `${text === '' ? STATES : ','}${quotedName(field.name)}${UNKNOWN}`;
  }
  return FixedText.of(text === '' ? '' : `${text}}`);
}
