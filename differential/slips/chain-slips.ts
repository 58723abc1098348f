import { allTypes, arrayType, bitfieldType, misspell, oddType, plainTypes, split } from '../pieces.js';
import { structBehind } from '../vocabulary.js';
import { type Slip, SlipKit } from './slip-kit.js';

/** Slips of members behind `->` and `.`. */
export class ChainSlips extends SlipKit {
  get rules(): readonly Slip[] {
    const { random } = this;
    const pick = <T>(list: ArrayLike<T>): T => random.pick(list);
    return [
      [4, 'field', () => this.field()],
      [3, 'separator', () => this.separator()],
      [
        1.5,
        'chain-end',
        () =>
          this.chainWith(
            chain =>
              chain +
              pick(
                split(
                  '-> . - ->x .x > [0] ->0 () ->x->y .x.y -x -1 +1 * %return ->:u8 .:u8 : ->\xe9 ->-> .. , ->. .-> ):u8 =',
                ),
              ),
          ),
      ],
      [1.5, 'no-pointer', () => this.noPointer()],
      [
        3,
        'chain-type',
        () =>
          this.chainWith(
            chain =>
              `${chain}:${pick([...allTypes, 'string', 'string', 'ustring', 'symstr', 'string[2]', 'ustring[3]', 'symstr[1]', 'char[4]', bitfieldType(random), arrayType(random, pick(plainTypes)), '%pd', '%pD', oddType(random)])}`,
          ),
      ],
      [2, 'chain-dereferenced', () => this.chainDereferenced()],
    ];
  }

  private chainWith(change: (chain: string) => string): string {
    const { values } = this;
    for (let tries = 0; tries < 60; tries++) {
      const place = this.places.refused();
      const chain = values.chain(place, values.chainLength(), values.wanted());
      if (chain !== undefined) return this.add(place, change(chain.text));
    }
    return 'p vfs_read file->x';
  }

  private field(): string {
    const { random } = this;
    return this.chainWith(chain => {
      const parts = chain.split(/(->|\.)/);
      const at = 2 * random.below((parts.length + 1) / 2);
      parts[at] = random.weighted<() => string>([
        [4, () => misspell(random, parts[at]!)],
        [1, () => ''],
        [1, () => random.pick(split('foo x 0 next ops 1x $arg1 \xe9 rcu list u s'))],
        [1, () => `${parts[at]}[0]`],
      ])();
      return parts.join('') + random.pick(['', '', ':u32', ':string', ':u8[2]']);
    });
  }

  private separator(): string {
    const { random } = this;
    return this.chainWith(chain => {
      const at = random.pick([...chain.matchAll(/->|\./g)]);
      const other =
        at[0] === '->'
          ? [...split('. - > -. ->. ->-> -- --> => .-> ->\xa0 -\xbb'), '']
          : [...split('-> - .. ->. : .- , .-> ->->'), ''];
      return (
        chain.slice(0, at.index) +
        random.pick(other) +
        chain.slice(at.index + at[0].length) +
        random.pick(['', '', '', ':u32', ':string'])
      );
    });
  }

  private noPointer(): string {
    const { random, places } = this;
    const place = places.refused();
    const { probe } = place;
    const scalars = probe?.parameters.filter(({ type }) => structBehind(probe.btf, type) === undefined) ?? [];
    const start =
      scalars.length > 0 ? random.pick(scalars).name : random.pick(split('$retval x $arg1 $stack %ax'));
    return this.add(
      place,
      start +
        random.pick([
          ...split(
            '->foo .foo ->x.y .x->y -> . - ->foo:string -x ->a->b ->foo:u8 :string :ustring :symstr .:u8 -:u8 ->:u8 ->x)',
          ),
          '',
        ]),
    );
  }

  private chainDereferenced(): string {
    const { random } = this;
    return this.chainWith(chain => {
      const depth = random.weighted([
        [5, 1],
        [2, 2],
        [1, 3],
        [0.5, random.between(4, 12)],
      ]);
      const opening = Array.from({ length: depth }, () =>
        random.pick(split('+0( +8( -4( +u0( -u8( +0x10( ++1(')),
      ).join('');
      return (
        opening +
        chain +
        ')'.repeat(random.chance(0.95) ? depth : random.below(depth + 2)) +
        random.pick([
          ...split(
            ':u8 :string :ustring :u16[3] :string[2] :b2@1/8 :x64 :symbol :symstr ->x .x :zz :symstr[2]',
          ),
          '',
          '',
        ])
      );
    });
  }
}
