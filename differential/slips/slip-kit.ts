import { type Place, type Places, refusedKinds } from '../places.js';
import type { Random } from '../random.js';
import type { Values } from '../values.js';

/** A rule that a definition breaks, how often, and how such a definition is made. */
export type Slip = readonly [weight: number, rule: string, make: () => string];

/** What every table of slips writes its definitions with. */
export abstract class SlipKit {
  protected readonly random: Random;

  constructor(
    protected readonly places: Places,
    protected readonly values: Values,
  ) {
    this.random = places.random;
  }

  abstract get rules(): readonly Slip[];

  protected place(...kinds: readonly Place['kind'][]): Place {
    const { random, places } = this;
    if (kinds.length > 0) return places.of(random.pick(kinds));
    return random.chance(0.12)
      ? places.of(random.pick(['u', 'e']))
      : places.of(random.weighted(refusedKinds));
  }

  protected head(place: Place): string {
    return `${place.command} ${place.place}`;
  }

  protected add(place: Place, argument: string): string {
    const { random } = this;
    const before = random.chance(0.25) ? `${this.values.arguments(place, 1)[0]} ` : '';
    const name = random.chance(0.2) && !argument.includes('=') ? 'n=' : '';
    const after = random.chance(0.15) ? ` ${this.values.arguments(place, 1)[0]}` : '';
    return `${this.head(place)} ${before}${name}${argument}${after}`;
  }

  protected parameter(): string {
    return this.random.pick(
      this.places
        .anyFunction()
        .parameters.map(({ name }) => name)
        .concat('x'),
    );
  }

  protected anyValue(): string {
    return this.random.pick([
      '$stack1',
      '@11',
      '\\1',
      '$stack',
      '$arg1',
      '%ax',
      '+0($stack)',
      '+0(+8(%sp))',
      '+u0($stack1)',
      '-u8(%di)',
      '@jiffies',
      '$retval',
      '$comm',
      '\\"a"',
      this.parameter(),
      `+0(${this.parameter()})`,
    ]);
  }
}
