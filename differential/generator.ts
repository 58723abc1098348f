import type { Recorded } from '../test/conformance/recorded.js';
import { markOffset } from './code-places.js';
import { mutate, respace } from './mutations.js';
import { Places } from './places.js';
import { Random, type Weighted } from './random.js';
import { Sequences } from './sequences.js';
import { Slips } from './slips/index.js';
import { Values } from './values.js';
import type { Vocabulary } from './vocabulary.js';
import type { Case } from './wire.js';

/** Makes definitions, the same ones for the same seed, kernel and generator. */
export class Generator {
  readonly #random: Random;
  readonly #vocabulary: Vocabulary;
  readonly #places: Places;
  readonly #values: Values;
  readonly #slips: Slips;
  readonly #sequences: Sequences;
  readonly #accepted: readonly string[];
  readonly #seen = new Set<string>();

  /** `recorded`: earlier cases of which the accepted ones are mutated too. */
  constructor(vocabulary: Vocabulary, seed: number, recorded: readonly Recorded[] = []) {
    this.#random = new Random(seed);
    this.#vocabulary = vocabulary;
    this.#places = new Places(this.#random, vocabulary);
    this.#values = new Values(this.#random, vocabulary);
    this.#slips = new Slips(this.#places, this.#values);
    this.#sequences = new Sequences(this.#places, this.#values);
    this.#accepted = recorded
      .filter(({ errno, enc }) => errno === null && enc === undefined)
      .map(({ def }) => def);
  }

  /** The next cases, none of them twice. */
  take(count: number): Case[] {
    const cases: Case[] = [];
    for (let tries = 0; cases.length < count && tries < count * 40; tries++) {
      const made = this.#make();
      const key = JSON.stringify([made.setup, made.def]);
      if (this.#seen.has(key) || [made.def, ...(made.setup ?? [])].some(text => this.#isHarmful(text)))
        continue;
      this.#seen.add(key);
      cases.push(made);
    }
    return cases;
  }

  #make(): Case {
    const choices: Weighted<() => Case>[] = [
      [26, () => ({ def: this.#valid(), tags: ['valid'] })],
      [32, () => this.#slip()],
      [16, () => ({ def: mutate(this.#random, this.#base(), this.#base()), tags: ['mutation'] })],
      [
        6,
        () => ({ def: mutate(this.#random, this.#slips.make()[1], this.#base()), tags: ['slip-mutation'] }),
      ],
      [8, () => ({ ...this.#sequences.make(), tags: ['sequence'] })],
      [3, () => this.#mutatedSequence()],
      [4, () => ({ def: respace(this.#random, this.#base(), this.#base()), tags: ['space'] })],
      [0.3, () => this.#untraceable()],
    ];
    return markOffset(this.#vocabulary.kernel, this.#random.weighted(choices)());
  }

  #slip(): Case {
    const [rule, def] = this.#slips.make();
    return { def, tags: ['slip', rule] };
  }

  #valid(): string {
    const place = this.#places.usual();
    const words = [place.command, place.place, ...this.#values.arguments(place)];
    const fields =
      place.event?.fields.filter(({ type, array }) => array === undefined && !/[*[]|char/.test(type)) ?? [];
    if (fields.length > 0 && this.#random.chance(0.25)) {
      words.push(
        'if',
        this.#random.pick(fields).name,
        this.#random.pick(['==', '!=', '>', '<', '>=', '&']),
        String(this.#random.below(100)),
      );
    }
    return words.join(' ');
  }

  /** An accepted definition, mostly: what mutations start from. */
  #base(): string {
    if (this.#accepted.length > 0 && this.#random.chance(0.3)) return this.#random.pick(this.#accepted);
    return this.#valid();
  }

  #mutatedSequence(): Case {
    const { setup, def } = this.#sequences.make();
    const lines = [...setup, def];
    const at = this.#random.below(lines.length);
    lines[at] = mutate(this.#random, lines[at]!, def);
    return { setup: lines.slice(0, -1), def: lines.at(-1)!, tags: ['sequence', 'mutation'] };
  }

  #untraceable(): Case {
    const { untraceableTracepoints } = this.#vocabulary;
    const name =
      untraceableTracepoints.length > 0 ? this.#random.pick(untraceableTracepoints) : 'no_such_tracepoint';
    return { def: `t ${name}${this.#random.pick(['', ' $arg1', ' $arg*', ' x'])}`, tags: ['untraceable'] };
  }

  /** What would keep the guest busy for minutes, makes something else than probes, or reads stray memory. */
  #isHarmful(text: string): boolean {
    if ([...text.matchAll(/\$arg(\d+)/g)].some(([, digits]) => isFarBack(digits!))) return true;
    return text.split('\n').some(line => {
      if (/^[\s\0]*s/.test(line)) return true;
      const [, pattern] = /^\s*f\S*\s+(\S+)/.exec(line) ?? [];
      if (pattern === undefined || !/[*?[!\\]/.test(pattern)) return false;
      return this.#vocabulary.kernel.functions.match(pattern.replace(/%return$/, '')).length > 12;
    });
  }
}

/** The kernel takes N of `$argN` for a signed number and reads before the parameters: too far and it is not BTF any more. */
function isFarBack(digits: string): boolean {
  return BigInt.asIntN(32, BigInt(digits)) < -16n;
}
