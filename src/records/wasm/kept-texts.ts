import type { FixedText } from '../byte-text.js';
import type { AddressText } from '../symbol-text.js';
import type { EngineMemory } from './engine-memory.js';
import { layout, MOST_TEXT, OVERSHOOT, TEXT_PLACES, TEXTS_SIZE, textEntry } from './layout.js';

/** Where a text is kept: its length, its bytes, and what may be read or written behind them. */
const room = (length: number): number => (4 + length + OVERSHOOT + 7) & ~7;

/** The texts that generated functions find by kind and number: made when first asked for, kept while there is room. */
export class KeptTexts {
  readonly #memory: EngineMemory;
  readonly #sender: (cpu: number, pid: number) => FixedText | undefined;
  readonly #onForgotten: () => void;
  readonly #kinds = new Map<AddressText, number>();
  readonly #texts: AddressText[] = [];
  readonly #places = new Map<FixedText, number>();
  #used = 0;

  /** `sender` gives the text of a CPU's task; `onForgotten` is told when addresses of texts are no longer valid. */
  constructor(
    memory: EngineMemory,
    sender: (cpu: number, pid: number) => FixedText | undefined,
    onForgotten: () => void,
  ) {
    this.#memory = memory;
    this.#sender = sender;
    this.#onForgotten = onForgotten;
  }

  /** The kind that stands for these texts. */
  readonly kindOf = (texts: AddressText): number => {
    let kind = this.#kinds.get(texts);
    if (kind === undefined) {
      kind = this.#texts.push(texts);
      this.#kinds.set(texts, kind);
    }
    return kind;
  };

  /** The address of a text, 0 for one that is too long or that there is not. `senders` is the first kind of senders, one for each CPU. */
  find(kind: number, value: bigint, senders: number): number {
    const high = Number(BigInt.asUintN(32, value >> 32n));
    const low = Number(BigInt.asUintN(32, value));
    const text =
      kind >= senders ? this.#sender(kind - senders, low | 0) : this.#texts[kind - 1]!.of(high, low);
    return text === undefined ? 0 : (this.#places.get(text) ?? this.#keep(text));
  }

  forget(): void {
    const { bytes } = this.#memory;
    bytes.fill(0, layout.textCache, layout.textCache + TEXT_PLACES * textEntry.size);
    this.#places.clear();
    this.#used = 0;
    this.#onForgotten();
  }

  #keep(text: FixedText): number {
    if (text.length > MOST_TEXT) return 0;
    const size = room(text.length);
    if (this.#used + size > TEXTS_SIZE) this.forget();
    const address = layout.texts + this.#used;
    this.#used += size;
    this.#memory.setInt(address, text.length);
    text.putAt(this.#memory.view, address + 4);
    this.#places.set(text, address);
    return address;
  }
}
