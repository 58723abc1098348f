import { hex, limitNumber, misspell, numberText, oddNumber, split } from '../pieces.js';
import { type Slip, SlipKit } from './slip-kit.js';

/** Slips of the kind, the name and the place of a definition, and of lines as such. */
export class PlaceSlips extends SlipKit {
  get rules(): readonly Slip[] {
    const { random } = this;
    const pick = <T>(list: ArrayLike<T>): T => random.pick(list);
    return [
      [
        1.5,
        'maxactive',
        () =>
          `${pick(split('f p r t e'))}${pick([numberText(random), oddNumber(random), limitNumber(random), this.places.maxactive(), '1'.padStart(pick([62, 63, 64, 65]), '0')])}${pick(['', ':ev', ':g/ev'])} ${this.places.anyFunction().name}${pick(['', '', '%return', ' $retval', ' $retval%', ' a=$retvalx'])}`,
      ],
      [2, 'event-name', () => this.eventName()],
      [
        1,
        'no-place',
        () =>
          pick(split('f t p r e f:ev p:ev f10 r:a/b t:x e:x p10:x x F fp - !')) +
          pick(['', ' ', '\t', '\xa0', ' #', '#']),
      ],
      [
        2.5,
        'symbol',
        () =>
          this.withPlace(this.places.oddSymbol() + pick([...split('%return +0 +4 %return+1'), '', '', ''])),
      ],
      [
        1,
        'symbol-offset',
        () =>
          this.withPlace(
            `${this.places.anyFunction().name}${pick('++++-')}${pick([oddNumber(random), '0', '00', '-0', limitNumber(random), '0x100000000', '4294967296'])}${pick(['', '', '%return'])}`,
          ),
      ],
      [
        1,
        'suffix',
        () =>
          this.withPlace(
            this.places.anyFunction().name +
              pick(
                split(
                  '%hoge % %retur %returns %RETURN %return%return %%return %entry %return+0 %return: :%return +%return +0%ret',
                ),
              ),
          ),
      ],
      [1.2, 'tracepoint', () => this.tracepoint()],
      [0.8, 'address', () => this.withPlace(this.address())],
      [0.6, 'glob', () => this.glob()],
      [0.8, 'line-length', () => this.lineLength()],
      [
        0.7,
        'two-lines',
        () =>
          `${this.head(this.place())}${pick(['\n', '\n\n', '\n#\n', ' # x\n', '\r\n'])}${this.add(this.place(), this.anyValue())}`,
      ],
    ];
  }

  private eventName(): string {
    const { random } = this;
    const part = (): string =>
      random.weighted<() => string>([
        [3, () => random.identifier(random.between(1, 8))],
        [1, () => random.identifier(random.pick([62, 63, 64, 65, 128]))],
        [
          2,
          () =>
            random.pick([
              ...split('1a a-b -a a.b a+b é \xe9 \xd7x a\xf7 _ 9 "a" * a:b a\x7f - \xb5 \xaa \xff1'),
              '',
            ]),
        ],
      ])();
    const name = random.pick([
      part(),
      `${part()}/${part()}`,
      `${part()}.${part()}`,
      `${part()}/${part()}/${part()}`,
      `${part()}.${part()}/${part()}`,
      `${part()}/`,
      `/${part()}`,
      '/',
      './',
      '.',
      `${part()}.`,
      '',
    ]);
    const place = this.places.usual();
    return `${place.command.replace(/:.*/s, '')}:${name} ${place.place}${random.pick(['', '', ' a', ' $arg1'])}`;
  }

  private tracepoint(): string {
    const { random } = this;
    const { tracepoints } = this.places.vocabulary;
    const probe = random.pick(tracepoints);
    const place = random.pick([
      probe.name,
      probe.name,
      misspell(random, probe.name),
      'no_such_tp',
      `sched/${probe.name}`,
      `sched:${probe.name}`,
      `${probe.name}\xe9`,
      '9tp',
      '-x',
      'tp*',
      this.places.anyFunction().name,
      `${probe.name}+0`,
      '_',
      '\xe9',
      `${probe.name}\xb5`,
    ]);
    const argument = random.pick([
      '',
      ' $retval',
      ' a=$retval',
      ' $arg*',
      ' $arg1',
      ' x',
      ' +0($retval):u8',
      ' $retval2',
      ' $retval2 $retval',
      '%return',
      ' $arg1 $arg2',
      ' $arg9',
      ' a=x$retval',
      ' a=$retvalx',
      ' __data',
      ' $arg0',
      ' a=$arg1',
      ` a=${probe.parameters[0]?.name ?? 'x'}`,
      ' $arg* $arg*',
      ` $arg${probe.parameters.length + 1}`,
      ` $arg${probe.parameters.length}:u8`,
    ]);
    return `t${random.pick([...split(':ev 5 :g/e 0'), ''])} ${place}${argument}`;
  }

  private glob(): string {
    const { random } = this;
    const { name } = this.places.anyFunction();
    const at = random.between(4, Math.max(4, name.length - 1));
    const pattern = random.pick([
      `${name.slice(0, at)}*`,
      `*${name.slice(2)}`,
      `${name.slice(0, at)}?${name.slice(at + 1)}`,
      `${name.slice(0, at)}[${name.charAt(at)}]${name.slice(at + 1)}`,
      `${name.slice(0, at)}[!${name.charAt(at)}]${name.slice(at + 1)}`,
      `!${name}`,
      `${name.slice(0, 7)}*${name.slice(-3)}`,
      `*${name.slice(3, 11)}*`,
      `${name}*`,
      `${name}\\`,
      `${name.slice(0, at)}\\${name.slice(at)}`,
      `${name}[`,
      `?${name.slice(1)}`,
    ]);
    return `f${random.pick(['', ':ev', ':g/e'])} ${pattern}${random.pick(['', ' $arg1', ' $arg*', '%return', ' $retval', ' x'])}`;
  }

  private withPlace(text: string): string {
    const { random, places, values } = this;
    const place = places.refused();
    const argument = random.weighted<() => string>([
      [5, () => ''],
      [1, () => ` ${random.pick(split('$arg1 $arg* $retval x %ax $stack \\1 $arg1:string'))}`],
      [1, () => ` ${values.typed(place)}`],
    ])();
    return `${place.command} ${text}${argument}`;
  }

  /** An address of anything, or something near an address. */
  private address(): string {
    const { random } = this;
    const { symbolAddresses, data } = this.places.vocabulary;
    const address = random.pick(symbolAddresses);
    return random.weighted<() => string>([
      [5, () => hex(address)],
      [1, () => address.toString()],
      [1, () => hex(address).toUpperCase()],
      [1, () => `${hex(address)}${random.pick(split('+0 +4 %return :x g +'))}`],
      [
        1,
        () =>
          random.pick(split('0 0x0 1 0x10 0xffffffffffffffff 0xfffffffffffffffff -1 0x -0x10 ++1 +1 +0x')),
      ],
      [1, () => random.pick(data) + random.pick(['', '+0', '+4', '%return'])],
      [1, () => limitNumber(random)],
    ])();
  }

  private lineLength(): string {
    const { random } = this;
    const place = this.place('p', 'r', 'f', 'u', 'e');
    const head = `${this.head(place)} a=\\1`;
    const length = random.pick([4000, 4090, 4093, 4094, 4095, 4096, 4097, 4100, 3000]);
    const filler = random.pick([' ', ' #xx', '\t', '\n', ' $zz']);
    return random.pick([
      head.padEnd(length, filler),
      head.padEnd(length, filler),
      `${head.padEnd(length - 1, ' ')}\n`,
      `${''.padEnd(length, '#')}\n${head}`,
      `${head}\n${''.padEnd(length, ' ')}`,
    ]);
  }
}
