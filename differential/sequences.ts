import { misspell, numberText } from './pieces.js';
import type { Place, Places } from './places.js';
import type { Random } from './random.js';
import type { Values } from './values.js';

/** Definitions in a row: what the last one means depends on those before. */
export interface Sequence {
  readonly setup: readonly string[];
  readonly def: string;
}

const letters: readonly Place['kind'][] = [
  'p',
  'r',
  'p',
  'r',
  'p-return',
  'f',
  'f-return',
  't',
  'e',
  'u',
  'u',
  'p-pending',
];

/** Several probes of one event, events on events, deletions in every form. */
export class Sequences {
  readonly random: Random;

  constructor(
    readonly places: Places,
    readonly values: Values,
  ) {
    this.random = places.random;
  }

  make(): Sequence {
    return this.random.weighted<() => Sequence>([
      [4, () => this.#sameEvent()],
      [2, () => this.#otherKind()],
      [1, () => this.#automaticNames()],
      [3, () => this.#eventOnProbe()],
      [3, () => this.#deletion()],
      [1.5, () => this.#mixture()],
      [1, () => this.#fileTwice()],
      [0.5, () => this.#staticEvent()],
    ])();
  }

  #place(kinds: readonly Place['kind'][] = letters): Place {
    return this.places.of(this.random.pick(kinds));
  }

  /** The same definition with a chosen event name. */
  #named(place: Place, name: string, words: readonly string[]): string {
    const letter = place.command.replace(/:.*/s, '').replace(/^(.\d*).*/s, '$1');
    return [`${letter}:${name}`, place.place, ...words].join(' ');
  }

  /** Arguments that are nearly the same. */
  #vary(words: readonly string[]): string[] {
    const { random } = this;
    const changed = [...words];
    if (changed.length === 0) return random.chance(0.5) ? [] : ['a=\\1'];
    const at = random.below(changed.length);
    const [name = '', body = ''] = splitName(changed[at]!);
    random.weighted<() => void>([
      [4, () => {}],
      [1, () => changed.splice(at, 1)],
      [1, () => changed.splice(at, 0, 'extra=\\1')],
      [
        2,
        () =>
          changed.splice(
            at,
            1,
            `${name}${body.split(':')[0]}:${random.pick(['u8', 'u64', 'x64', 's64', 'u32', 'b4@0/32', 'b1@0/64', 'string', 'u64[2]', 'ustring'])}`,
          ),
      ],
      [1, () => changed.splice(at, 1, `${random.pick(['z', 'arg1', 'Arg'])}=${body}`)],
      [1, () => changed.splice(at, 1, `${name}\\${numberText(random)}`)],
      [0.5, () => changed.reverse()],
    ])();
    return changed;
  }

  #words(place: Place): string[] {
    const { random } = this;
    const simple = [
      'a=\\1',
      'a=\\1:u8',
      'a=$stack1',
      'a=\\"foo"',
      'a=+0(\\1):u64',
      'a=$comm',
      'a=\\1:b4@4/32',
      'a=$arg1',
      '$arg1',
      '$arg*',
      'a=%ax',
    ];
    if (random.chance(0.5))
      return Array.from({ length: random.below(3) }, (_, i) =>
        random.pick(simple).replace('a=', i === 0 ? 'a=' : `a${i}=`),
      );
    return this.values.arguments(place, random.below(4));
  }

  #sameEvent(): Sequence {
    const { random } = this;
    const kind = random.pick(letters);
    const first = this.#place([kind]);
    const words = this.#words(first);
    const name = random.pick(['g1/ev', 'kprobes/ev', 'ev', 'x']);
    const lines = [this.#named(first, name, words)];
    const count = random.weighted([
      [4, 1],
      [2, 2],
      [0.5, 4],
    ]);
    const next = (): string => {
      const other = random.chance(0.5)
        ? first
        : this.#place([random.chance(0.8) ? kind : random.pick(letters)]);
      return this.#named(other, name, random.chance(0.4) ? words : this.#vary(words));
    };
    for (let i = 0; i < count; i++) lines.push(next());
    return { setup: lines.slice(0, -1), def: lines.at(-1)! };
  }

  #otherKind(): Sequence {
    const [one, two] = [this.#place(), this.#place()];
    return {
      setup: [this.#named(one, 'g1/ev', this.#words(one))],
      def: this.#named(two, 'g1/ev', this.#words(two)),
    };
  }

  #automaticNames(): Sequence {
    const { random } = this;
    const place = this.#place();
    const bare = place.command.replace(/:.*/s, '');
    const again = random.pick([
      place.place,
      `${place.place.replace('%return', '')}`,
      `${place.place}%return`,
    ]);
    return {
      setup: [`${bare} ${place.place}`],
      def: `${bare} ${again}${random.pick(['', ' $arg1', ' \\1', ' a=\\1'])}`,
    };
  }

  #eventOnProbe(): Sequence {
    const { random } = this;
    const place = this.#place(['f', 't', 'f-return', 'p', 'r', 'f', 't', 'u', 'e']);
    const source = this.#named(place, 'src/ev', [
      'a=\\1',
      's=\\"str"',
      'q=+0($stack):u8[4]',
      ...this.values.arguments(place, random.below(2)),
    ]);
    const setup = [source];
    const attach = `e:${random.pick(['dst/ev', 'src/other', 'ev2'])} src${random.pick('./')}ev`;
    const value = (): string =>
      random.pick([
        '$a',
        '$s',
        '$q',
        '$zz',
        '$__probe_ip',
        '$__probe_func',
        '$common_pid',
        '$comm',
        '+0($s)',
        '+0($q)',
        '\\1',
        '$__probe_ret_ip',
        '$args',
        '',
      ]);
    const words = Array.from(
      { length: random.below(3) },
      (_, i) =>
        `${random.pick(['', `w${i}=`])}${value()}${random.pick(['', '', ':u8', ':string', ':ustring', ':u8[2]', ':symbol', ':symstr', ':b1@0/8', ':x64'])}`,
    );
    const filter = random.pick([
      '',
      '',
      '',
      ' if a == 1',
      ' if s == "x"',
      ' if q == 1',
      ' if __probe_ip > 1',
      ' if nofield == 1',
      ' if s ~ "a*"',
      ' if q ~ "a"',
    ]);
    const first = `${attach} ${words.join(' ')}${filter}`.trim();
    if (random.chance(0.55)) return { setup, def: first };
    setup.push(first);
    const after = random.pick([
      '-:src/ev',
      '-:ev',
      '-:dst/ev',
      '-:src/',
      '-:ev2',
      first,
      `${attach} $a`,
      source,
      this.#named(place, 'src/ev', ['a=\\2', 's=\\"str"', 'q=+0($stack):u8[4]']),
      'e:third src.ev $a',
      'e:fourth dst.ev $comm',
      '-:dst/',
      '-:src/ev src',
      '-:/',
    ]);
    return { setup, def: after };
  }

  #deletion(): Sequence {
    const { random } = this;
    const places = Array.from({ length: random.between(1, 4) }, () => this.#place());
    const names = places.map(() => random.pick(['g1/ev', 'g2/ev', 'g1/ev2', 'ev', 'g1/e', 'g2/other']));
    const words = places.map(place => this.#words(place));
    const setup = places.map((place, i) => this.#named(place, names[i]!, words[i]!));
    const at = random.below(places.length);
    const place = places[at]!;
    const bare = place.place.replace('%return', '').replace(/\+0(x0|0)?$/, '');
    const listed =
      place.kind === 'u'
        ? random.pick([
            bare,
            bare.replace(
              /:(\w+).*/,
              (_, offset: string) => `:0x${Number(offset).toString(16).padStart(16, '0')}`,
            ),
          ])
        : bare;
    const name = random.weighted<() => string>([
      [5, () => names[at]!],
      [1, () => random.pick(names)],
      [1, () => names[at]!.split('/').at(-1)!],
      [
        1,
        () =>
          random.pick([
            'g1/',
            'g2/',
            'g3/',
            '',
            '/',
            'nope',
            'g1/nope',
            'g1.ev',
            '/ev',
            'g1/e*',
            'G1/EV',
            'g1/ev/',
            misspell(random, names[at]!),
            'kprobes/',
            'fprobes/ev',
            'e',
          ]),
      ],
    ])();
    const wordsText = random.weighted<() => string>([
      [6, () => ''],
      [
        2,
        () =>
          ` ${random.pick([listed, listed, place.place, 'other', listed.replace('.', '/'), `${listed}+0`, `${listed}%return`])}`,
      ],
      [2, () => ` ${listed} ${words[at]!.slice(0, random.between(0, 3)).join(' ')}`],
      [1, () => ` ${listed} ${this.#vary(words[at]!).join(' ')}`],
    ])();
    const command = random.weighted([
      [8, '-:'],
      [1, `!${place.command.charAt(0)}:`],
      [0.5, '!:'],
      [0.2, random.pick(['-', '!', '--:', ' -:', '-p:', '-x:', '!-:', '!p10:', '-!:'])],
    ]);
    return { setup, def: command + name + wordsText };
  }

  #mixture(): Sequence {
    const { random } = this;
    const lines = Array.from({ length: random.between(2, 6) }, (): string => {
      const place = this.#place();
      if (random.chance(0.2)) return `-:${random.pick(['g1/ev', 'ev', 'g1/', 'x'])}`;
      return this.#named(
        place,
        random.pick(['g1/ev', 'g1/ev', 'ev', 'x', 'g2/ev']),
        random.chance(0.5) ? ['a=\\1'] : this.#words(place),
      );
    });
    const joined = random.chance(0.3) ? [lines.join('\n')] : lines;
    return { setup: joined.slice(0, -1), def: joined.at(-1)! };
  }

  #fileTwice(): Sequence {
    const { random } = this;
    const file = (): string =>
      random.pick(['/bin/sh', '/bin/busybox', '/bin/ls', '/data/agent', '/bin/../bin/sh', 'agent']);
    const one = (): string =>
      `${random.pick(['p', 'p', 'r'])}:${random.pick(['ev', 'ev', 'g/ev', 'other'])} ${file()}:${random.pick(['0x10', '16', '020', '0x20'])}${random.pick(['', '', '(0x8)', '(0x10)', '(0)', '%return'])}${random.pick(['', ' a=\\1', ' a=\\2', ' a=%ax'])}`;
    return { setup: Array.from({ length: random.between(1, 3) }, one), def: one() };
  }

  #staticEvent(): Sequence {
    const { random } = this;
    const event = random.pick(this.places.vocabulary.events);
    const place = this.#place();
    return {
      setup: [],
      def: this.#named(
        place,
        random.pick([`${event.group}/${event.name}`, `${event.group}/ev`, `ev/${event.name}`]),
        this.#words(place),
      ),
    };
  }
}

function splitName(word: string): [name: string, body: string] {
  const equals = word.indexOf('=');
  return [word.slice(0, equals + 1), word.slice(equals + 1)];
}
