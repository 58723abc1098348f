import type { BodyWriter } from './generated-text.js';
import { ScriptBody } from './script-body.js';

/** Records that are printed without code first: most events are rare, and making the code of one takes longer than some records. */
export const WORTH_SCRIPT = 16;

/** The JavaScript of a body, made when the event is met often. */
export class LateScript {
  /** Still `undefined` then where it is too long, and where the host forbids making code from text. */
  whole: BodyWriter | undefined = undefined;
  readonly #littleEndian: boolean;
  readonly #emit: (body: ScriptBody) => void;
  #printed = 0;

  /** `emit` tells the code. */
  constructor(littleEndian: boolean, emit: (body: ScriptBody) => void) {
    this.#littleEndian = littleEndian;
    this.#emit = emit;
  }

  /** Counts a record that is printed without code. */
  count(): void {
    if (this.#printed === WORTH_SCRIPT || ++this.#printed < WORTH_SCRIPT) return;
    const body = new ScriptBody(this.#littleEndian);
    this.#emit(body);
    this.whole = body.compile();
  }
}
