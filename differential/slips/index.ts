import type { Places } from '../places.js';
import type { Weighted } from '../random.js';
import type { Values } from '../values.js';
import { ChainSlips } from './chain-slips.js';
import { EventSlips } from './event-slips.js';
import { PlaceSlips } from './place-slips.js';
import type { Slip } from './slip-kit.js';
import { TypeSlips } from './type-slips.js';
import { ValueSlips } from './value-slips.js';

/** Definitions that are wrong in one way, by the rule they break. The kernel has the last word. */
export class Slips {
  readonly #choices: readonly Weighted<Slip>[];

  constructor(
    readonly places: Places,
    values: Values,
  ) {
    const tables = [PlaceSlips, ValueSlips, TypeSlips, ChainSlips, EventSlips].map(
      Table => new Table(places, values),
    );
    this.#choices = tables.flatMap(({ rules }) => rules.map((slip): Weighted<Slip> => [slip[0], slip]));
  }

  /** One slip, its rule and its definition. */
  make(): readonly [rule: string, def: string] {
    const [, rule, make] = this.places.random.weighted(this.#choices);
    return [rule, make()];
  }
}
