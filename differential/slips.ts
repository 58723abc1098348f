import {
  allTypes,
  arrayType,
  bitfieldType,
  hex,
  limitNumber,
  misspell,
  numberText,
  oddNumber,
  oddType,
  plainTypes,
  registers,
  reservedNames,
} from './pieces.js';
import { files, type Place, type Places, refusedKinds } from './places.js';
import type { Random, Weighted } from './random.js';
import type { Values } from './values.js';
import { structBehind } from './vocabulary.js';

/** Definitions that are wrong in one way, by the rule they break. The kernel has the last word. */
export class Slips {
  readonly random: Random;
  readonly table: readonly (readonly [weight: number, rule: string, make: () => string])[];

  constructor(
    readonly places: Places,
    readonly values: Values,
  ) {
    this.random = places.random;
    const pick = <T>(list: ArrayLike<T>): T => this.random.pick(list);
    this.table = [
      [
        1.5,
        'maxactive',
        () =>
          `${pick(['f', 'p', 'r', 't', 'e'])}${pick([numberText(this.random), oddNumber(this.random), limitNumber(this.random), this.places.maxactive(), '1'.padStart(pick([62, 63, 64, 65]), '0')])}${pick(['', ':ev', ':g/ev'])} ${this.places.anyFunction().name}${pick(['', '', '%return', ' $retval', ' $retval%', ' a=$retvalx'])}`,
      ],
      [2, 'event-name', () => this.#eventName()],
      [
        1,
        'no-place',
        () =>
          pick([
            'f',
            't',
            'p',
            'r',
            'e',
            'f:ev',
            'p:ev',
            'f10',
            'r:a/b',
            't:x',
            'e:x',
            'p10:x',
            'x',
            'F',
            'fp',
            '-',
            '!',
          ]) + pick(['', ' ', '\t', '\xa0', ' #', '#']),
      ],
      [
        2.5,
        'symbol',
        () =>
          this.#withPlace(this.places.oddSymbol() + pick(['', '', '', '%return', '+0', '+4', '%return+1'])),
      ],
      [
        1,
        'symbol-offset',
        () =>
          this.#withPlace(
            `${this.places.anyFunction().name}${pick('++++-')}${pick([oddNumber(this.random), '0', '00', '-0', limitNumber(this.random), '0x100000000', '4294967296'])}${pick(['', '', '%return'])}`,
          ),
      ],
      [
        1,
        'suffix',
        () =>
          this.#withPlace(
            this.places.anyFunction().name +
              pick([
                '%hoge',
                '%',
                '%retur',
                '%returns',
                '%RETURN',
                '%return%return',
                '%%return',
                '%entry',
                '%return+0',
                '%return:',
                ':%return',
                '+%return',
                '+0%ret',
              ]),
          ),
      ],
      [1.2, 'tracepoint', () => this.#tracepoint()],
      [0.6, 'glob', () => this.#glob()],
      [
        1.4,
        'retval',
        () =>
          this.#add(
            this.#place(),
            pick([
              '$retval',
              '$retval2',
              '$retvalx',
              '$Retval',
              '$retval->',
              '$retval.x',
              '$retval-',
              '$retval->x',
              '$retval->x.y',
              '$retval:string',
              '$retval:symstr',
              '+0($retval)',
              '$ret',
              '$retval[0]',
              '+8($retval):string',
              '$retval$retval',
              'a=$retvalx$retval',
              '$retval-x',
              '$retval:',
              '$retval(',
              '$retval=',
              '$retval\xe9',
            ]),
          ),
      ],
      [
        1.2,
        'stack',
        () =>
          this.#add(
            this.#place(),
            `$stack${pick([limitNumber(this.random), oddNumber(this.random), '2047', '2048', '2049', '4294967296', '4294967297', '', 'x', ' 1', '->x', '.x', ':string', '0:ustring', '0:symstr', '1:u8[2]', ':symstr'])}`,
          ),
      ],
      [1.6, 'argument-number', () => this.#argumentNumber()],
      [1.4, 'all-arguments', () => this.#allArguments()],
      [
        1.2,
        'variable',
        () =>
          this.#add(
            this.#place(),
            pick([
              '$',
              '$$',
              '$none_var',
              '$1',
              '$comm1',
              '$com',
              '$comm->x',
              '$comm.x',
              '$current',
              '$\xe9',
              '$comm:u8',
              '$comm:string[2]',
              '$comm:ustring',
              '$Comm',
              '$comm:',
              '$comm:symstr',
              '$COMM:',
              '$COMMx',
              '$arg',
              '$argx',
              '+0($comm)',
              '+0($COMM)',
              '+0($comm',
              '$comm)',
              '$comm[1]',
              '$stackx:u8',
              '$comm:string:',
              '$comm=',
              '$comm:String',
            ]),
          ),
      ],
      [
        1,
        'register',
        () =>
          this.#add(
            this.#place(['p', 'r', 'u', 'p', 'f', 't', 'e']),
            pick([
              '%none',
              '%',
              '%rax',
              '%eax',
              '%AX',
              '%r16',
              '%ds',
              '%%ax',
              '%ax:string',
              '%ax:symstr',
              '%ip:symbol',
              '%di:u8[2]',
              '%ax->x',
              '%ax.x',
              '%ax+8',
              `%${pick(registers)}:${pick(allTypes)}`,
              `%${misspell(this.random, pick(registers))}`,
              `+0(%${pick(registers)}):${pick(allTypes)}`,
              '%ax:b4@4/8',
              '%axx',
              '%a',
              '%sp:%pd',
              '%di:%pD',
            ]),
          ),
      ],
      [1.2, 'memory', () => this.#memory()],
      [1.2, 'immediate', () => this.#immediate()],
      [2, 'dereference', () => this.#dereference()],
      [1, 'deep', () => this.#deep()],
      [0.6, 'arguments-too-long', () => this.#argumentsTooLong()],
      [
        1,
        'fetch',
        () =>
          this.#add(
            this.#place(),
            pick([
              '&1',
              '!',
              '1',
              '0x10',
              '*file',
              '(x)',
              '"abc"',
              "'a'",
              '[0]',
              '^',
              '~1',
              ',',
              ';',
              '<',
              '{',
              'a=1',
              'a=&b',
              ':u8',
              ':',
              '=',
              '==',
              'a==b',
              '->x',
              '.x',
              '/',
              '\xe9',
              '\xd7',
              '?x',
              'if',
              'a=if',
              '`',
              '|',
              '\x7f',
              '\x01',
              'a=\x80',
              '-',
              '+',
              'a=-',
              '_',
              'a=_',
              '\xff',
              'x=\xaa',
              '\xb5->x',
              '-x',
              '.',
              'a=:',
              '=:',
              ':=',
            ]),
          ),
      ],
      [
        2.5,
        'type',
        () =>
          this.#add(
            this.#place(),
            `${this.#anyValue()}:${pick([oddType(this.random), oddType(this.random), pick(allTypes) + pick(['x', '[', ']', ':', '[1', '[1]x', '\xa0', '.', '*']), misspell(this.random, pick(allTypes))])}`,
          ),
      ],
      [
        1.6,
        'array',
        () =>
          this.#add(
            this.#place(),
            `${this.#anyValue()}:${pick(allTypes)}${pick(['[10', '[', '[]', '[10]a', '[10][2]', '[10a]', '[a]', '[0]', '[00]', '[65]', '[64]', '[0x40]', '[0x41]', '[-1]', '[+1]', '[+0]', '[+64]', '[++1]', '[4294967296]', '[4294967297]', '[1]:u8', '[1]]', '[[1]', '[1', '[1:u8]', '[010]', '[0100]', '[0101]', '[08]', '10]', '[18446744073709551616]', '[18446744073709551617]', '[0X2]', '[2]'])}`,
          ),
      ],
      [
        1.4,
        'bitfield',
        () =>
          this.#add(
            this.#place(),
            `${this.#anyValue()}:${pick([bitfieldType(this.random), bitfieldType(this.random), 'b0@0/8', 'b8@0/8', 'b9@0/8', 'b4@5/8', 'b1@0/9', 'b1@0/0', 'b@0/8', 'b1/8', 'bx@0/8', 'b64@0/64', 'b65@0/64', 'b1@64/64', 'b1@0/128', 'b/8', 'b1@0/16/8', 'b4294967297@0/8', 'b1@4294967296/8', 'b1@0/4294967304', 'b@/', 'b1@', 'b1@/', 'b1@0/', 'b1@0@0/8', 'B1@0/8', 'b1@0/8 ', 'b18446744073709551617@0/8', 'b1@0/24'])}`,
          ),
      ],
      [1.6, 'argument-name', () => this.#argumentName()],
      [1, 'argument-length', () => this.#argumentLength()],
      [0.5, 'many-arguments', () => this.#manyArguments()],
      [0.6, 'event-size', () => this.#eventSize()],
      [4, 'field', () => this.#field()],
      [3, 'separator', () => this.#separator()],
      [
        1.5,
        'chain-end',
        () =>
          this.#chainWith(
            chain =>
              chain +
              pick([
                '->',
                '.',
                '-',
                '->x',
                '.x',
                '>',
                '[0]',
                '->0',
                '()',
                '->x->y',
                '.x.y',
                '-x',
                '-1',
                '+1',
                '*',
                '%return',
                '->:u8',
                '.:u8',
                ':',
                '->\xe9',
                '->->',
                '..',
                ',',
                '->.',
                '.->',
                '):u8',
                '=',
              ]),
          ),
      ],
      [1.5, 'no-pointer', () => this.#noPointer()],
      [
        3,
        'chain-type',
        () =>
          this.#chainWith(
            chain =>
              `${chain}:${pick([...allTypes, 'string', 'string', 'ustring', 'symstr', 'string[2]', 'ustring[3]', 'symstr[1]', 'char[4]', bitfieldType(this.random), arrayType(this.random, pick(plainTypes)), '%pd', '%pD', oddType(this.random)])}`,
          ),
      ],
      [
        2,
        'value-string',
        () =>
          this.#add(
            this.#place(),
            `${this.#parameter()}:${pick(['string', 'ustring', 'symstr', 'string[2]', 'ustring[2]', 'mystring', 'string:', 'xstring', 'string[0]', 'symbol', 'char'])}`,
          ),
      ],
      [
        1.2,
        'unknown-variable',
        () =>
          this.#add(
            this.#place(),
            pick([
              'hoge',
              'hoge->x',
              '_',
              '__data',
              'retval',
              'arg1',
              'comm',
              'x:u8',
              'a=hoge',
              '+0(hoge)',
              '+0(hoge->x)',
              'stack',
              'hoge.x',
              'hoge-x',
              'hoge-',
              'hoge.',
              '\xe9',
              misspell(this.random, this.#parameter()),
              `${misspell(this.random, this.#parameter())}->x`,
              '__data->x',
            ]),
          ),
      ],
      [2, 'chain-dereferenced', () => this.#chainDereferenced()],
      [
        1,
        'dentry',
        () =>
          this.#add(
            this.#place(),
            pick(['', 'n=', 'a=']) +
              pick([this.#anyValue(), '', `${this.#anyValue()}->x`, '$arg1', '$arg2', '$retval', '%di']) +
              pick([':%pd', ':%pD', ':%pdx', ':%p', ':u8:%pd', ':%pD:%pd', '%pd', ':%pD ', ':%PD', ':%pd=']) +
              pick(['', '', ` ${this.#parameter()}:%pd`, ' $arg*', ' $arg1', ' zz', ' \\1:zz', ' $arg2:%pD']),
          ),
      ],
      [
        0.4,
        'dentry-too-long',
        () =>
          `${this.#head(this.#place(['p', 'r', 'f', 't']))} ${Array.from({ length: this.random.between(6, 16) }, (_, i) => `${pick(['', `n${i}=`])}${pick(['$arg1', '%di', '@jiffies', '\\1', this.#parameter()])}${pick([':%pd', ':%pD'])}`).join(' ')}`,
      ],
      [3, 'event-probe', () => this.#eventProbe()],
      [1.5, 'event-filter', () => this.#eventFilter()],
      [2.5, 'file-probe', () => this.#fileProbe()],
      [0.8, 'line-length', () => this.#lineLength()],
      [
        0.7,
        'two-lines',
        () =>
          `${this.#head(this.#place())}${pick(['\n', '\n\n', '\n#\n', ' # x\n', '\r\n'])}${this.#add(this.#place(), this.#anyValue())}`,
      ],
    ];
  }

  /** One slip, its rule and its definition. */
  make(): readonly [rule: string, def: string] {
    const choices = this.table.map(
      ([weight, rule, make]): Weighted<readonly [string, () => string]> => [weight, [rule, make]],
    );
    const [rule, make] = this.random.weighted(choices);
    return [rule, make()];
  }

  #place(kinds?: readonly Place['kind'][]): Place {
    const { random, places } = this;
    if (kinds !== undefined) return places.of(random.pick(kinds));
    return random.chance(0.12)
      ? places.of(random.pick(['u', 'e']))
      : places.of(random.weighted(refusedKinds));
  }

  #head(place: Place): string {
    return `${place.command} ${place.place}`;
  }

  #add(place: Place, argument: string): string {
    const { random } = this;
    const before = random.chance(0.25) ? `${this.values.arguments(place, 1)[0]} ` : '';
    const name = random.chance(0.2) && !argument.includes('=') ? 'n=' : '';
    const after = random.chance(0.15) ? ` ${this.values.arguments(place, 1)[0]}` : '';
    return `${this.#head(place)} ${before}${name}${argument}${after}`;
  }

  #withPlace(text: string): string {
    const { random, places, values } = this;
    const place = places.refused();
    const argument = random.weighted<() => string>([
      [5, () => ''],
      [
        1,
        () => ` ${random.pick(['$arg1', '$arg*', '$retval', 'x', '%ax', '$stack', '\\1', '$arg1:string'])}`,
      ],
      [1, () => ` ${values.typed(place)}`],
    ])();
    return `${place.command} ${text}${argument}`;
  }

  #parameter(): string {
    return this.random.pick(
      this.places
        .anyFunction()
        .parameters.map(({ name }) => name)
        .concat('x'),
    );
  }

  #anyValue(): string {
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
      this.#parameter(),
      `+0(${this.#parameter()})`,
    ]);
  }

  #eventName(): string {
    const { random } = this;
    const part = (): string =>
      random.weighted<() => string>([
        [3, () => random.identifier(random.between(1, 8))],
        [1, () => random.identifier(random.pick([62, 63, 64, 65, 128]))],
        [
          2,
          () =>
            random.pick([
              '',
              '1a',
              'a-b',
              '-a',
              'a.b',
              'a+b',
              'é',
              '\xe9',
              '\xd7x',
              'a\xf7',
              '_',
              '9',
              '"a"',
              '*',
              'a:b',
              'a\x7f',
              '-',
              '\xb5',
              '\xaa',
              '\xff1',
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

  #tracepoint(): string {
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
    return `t${random.pick(['', ':ev', '5', ':g/e', '0'])} ${place}${argument}`;
  }

  #glob(): string {
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

  #argumentNumber(): string {
    const { random } = this;
    const place = this.#place();
    const count = place.probe?.parameters.length ?? 0;
    const number = random.pick([
      '0',
      String(count),
      String(count + 1),
      String(count + 5),
      '2048',
      '2049',
      '01',
      '4294967297',
      limitNumber(random),
      oddNumber(random),
    ]);
    const argument = random.pick([
      `$arg${number}`,
      `a=$arg${number}`,
      `+0($arg${number})`,
      `$arg${number}:${random.pick(allTypes)}`,
      `$arg${number}:`,
      `$arg${number}->x`,
      `$arg${number}.x`,
      `$arg${number}x`,
      `$arg${number}:%pd`,
      `$arg${number}:${oddType(random)}`,
      `$arg${number}[1]`,
      `a=$arg${number}:string`,
      `@$arg${number}`,
      `\\$arg${number}`,
    ]);
    return this.#add(place, argument);
  }

  #allArguments(): string {
    const { random } = this;
    const place = random.chance(0.2) ? this.#place(['u', 'e', 'p-address', 'p-pending']) : this.#place();
    const words = [
      '$arg*',
      'a=$arg*',
      '+0($arg*)',
      '$arg*:u8',
      '$arg*x',
      '$arg**',
      '$arg*->x',
      '@$arg*',
      '$ARG*',
      '$arg',
      '$argx',
      '$arg1',
      '$arg2',
      '$arg9:u8',
      'hoge',
      '\\1',
      'a=\\1',
      '$retval',
      '$arg*=a',
      'a=x',
      '$stack',
      '$arg1:foo',
      '$arg1:string',
      '&',
      `${this.#parameter()}:string`,
      `$arg*${'x'.repeat(70)}`,
    ];
    const count = random.between(1, 5);
    return `${this.#head(place)} ${Array.from({ length: count }, () => random.pick(['$arg*', random.pick(words), random.pick(words)])).join(' ')}`;
  }

  #memory(): string {
    const { random } = this;
    const symbol = random.pick(this.places.vocabulary.data);
    const address = random.pick([
      '12345678abcde',
      '+10',
      '+ab',
      '+',
      '',
      '-1',
      '0x',
      misspell(random, symbol),
      `${symbol}+`,
      `${symbol}+x`,
      `${symbol}-8`,
      `${symbol}+0x10`,
      `${symbol}-`,
      `${symbol}+08`,
      `${symbol}++1`,
      `${symbol}+-1`,
      'symbol',
      '+-1',
      '99999999999999999999',
      '$arg1',
      '0',
      this.places.anyFunction().name,
      random.pick(random.pick(this.places.vocabulary.special)),
      `nomod:${symbol}`,
      `${symbol}.x`,
      `${symbol}->x`,
      `${symbol}+${limitNumber(random)}`,
      `${symbol}-${limitNumber(random)}`,
      `+${numberText(random)}`,
      `+${limitNumber(random)}`,
      numberText(random),
      oddNumber(random),
      limitNumber(random),
    ]);
    return this.#add(
      this.#place(['f', 'p', 'r', 'u', 'e', 't', 'p', 'u']),
      `@${address}${random.pick(['', '', ':u8', ':string', ':u8[4]', ':symstr', ':b1@0/8', ':ustring[2]'])}`,
    );
  }

  #immediate(): string {
    const { random } = this;
    const text = random.pick([
      'x',
      '',
      '"',
      '""',
      '"abcd',
      '"abcd"x',
      '"a"b"',
      '"a:b"',
      '"a=b"',
      '"a',
      '"abc":string',
      '"abc":ustring',
      '"abc":u8',
      '"abc":string[2]',
      '"abc":symstr',
      '"\xe9"',
      '"a\x01"',
      '"a\\"',
      '"a\\"b"',
      "'a'",
      '"a"(',
      '"$comm"',
      `"${'x'.repeat(random.between(55, 62))}"`,
      numberText(random),
      oddNumber(random),
      limitNumber(random),
      `${limitNumber(random)}:${random.pick(allTypes)}`,
      `${random.below(9)}:${oddType(random)}`,
      '1:u8[2]',
      '1:string[2]',
      '1:symstr[2]',
      '1->x',
      '1.x',
      '1:%pd',
    ]);
    const wrapped = random.weighted<() => string>([
      [5, () => `\\${text}`],
      [1, () => `+0(\\${text})`],
      [1, () => `${random.pick(['a=', 'a=b=', '='])}\\${text}`],
    ])();
    return this.#add(this.#place(['f', 'p', 'u', 'e', 't', 'f-return', 'r']), wrapped);
  }

  #dereference(): string {
    const { random } = this;
    const inner = random.pick([
      '@0',
      '$stack',
      '$stack1',
      '$arg1',
      '%ax',
      '\\1',
      this.#parameter(),
      '$retval',
      '$comm',
      '\\"a"',
      '$argx',
      '',
    ]);
    const number = random.pick([
      oddNumber(random),
      oddNumber(random),
      limitNumber(random),
      numberText(random),
      '0',
      '8',
      '0x10',
      '',
    ]);
    const sign = random.pick([
      '+',
      '-',
      '+u',
      '-u',
      '+',
      '++',
      '+-',
      '-+',
      '--',
      '+u-',
      '+u+',
      '+uu',
      '+U',
      '',
    ]);
    const text = random.pick([
      `${sign}${number}(${inner})`,
      `${sign}${number}(${inner})`,
      `${sign}${number}(${inner}`,
      `${sign}${number}${inner})`,
      `${sign}${number}(${inner})x`,
      `${sign}${number}(${inner})->x`,
      `${sign}${number}(${inner}))`,
      `${sign}${number}((${inner}))`,
      `${sign}${number}(${inner})(${inner})`,
      `+8(${sign}${number}(${inner}))`,
      `+u8(${sign}${number}(${inner}`,
      `-8(${sign}${number}(${inner})y)z`,
      `+0(+8(+16(${sign}${number}(${inner})))`,
      `${sign}${number}[${inner}]`,
      `${sign}${number}`,
      `${sign}${number}(`,
      `${sign}${number})`,
      `${sign}0(${inner}:u8)`,
      `+0(=${inner})`,
    ]);
    return this.#add(
      this.#place(),
      text +
        random.pick([
          '',
          '',
          '',
          ':u8',
          ':string',
          ':ustring',
          ':symstr',
          ':u8[2]',
          ':string[2]',
          ':b1@0/8',
          ':',
          ':zz',
        ]),
    );
  }

  #deep(): string {
    const { random } = this;
    const place = this.#place();
    let text = random.pick([
      '@0',
      '$stack',
      '\\1',
      '%sp',
      '$arg1',
      '$comm',
      '@jiffies',
      '$retval',
      '\\"a"',
      this.values.chain(place, 1, 'anything')?.text ?? 'x',
      place.probe?.parameters[0]?.name ?? 'x',
      '$hoge',
      '%zz',
    ]);
    const user = random.chance(0.1) ? 'u' : '';
    for (let left = random.between(3, 17); left > 0; left--)
      text = `${random.pick('+-')}${user}${random.pick('0123')}(${text})`;
    return this.#add(
      place,
      text +
        random.pick([
          '',
          '',
          ':u8',
          ':string',
          ':u8[2]',
          ':b1@1/8',
          ':string[2]',
          ':ustring',
          ':symstr',
          ':s',
        ]),
    );
  }

  #argumentsTooLong(): string {
    const { random } = this;
    const place = this.#place(['f', 'p', 'r', 't', 'f-return']);
    const count = Math.max(1, place.probe?.parameters.length ?? 1);
    const words = Array.from(
      { length: random.between(3, 24) },
      () =>
        `$arg${random.between(1, count)}${random.pick(['', ':u64', ':x32', ':string', ':unknown_type_name', ':b1@2/32'])}`,
    );
    if (random.chance(0.4)) words.splice(random.below(words.length), 0, '$arg*');
    return `${this.#head(place)} ${words.join(' ')}`;
  }

  #argumentName(): string {
    const { random } = this;
    const value = random.pick(['@11', '\\1', '$stack1', '$arg1', this.#parameter()]);
    const name = (): string =>
      random.pick([
        random.identifier(random.pick([1, 2, 31, 32, 33, 34, 64])),
        random.pick(reservedNames),
        'a',
        'A',
        'arg1',
        'arg2',
        'arg01',
        '',
        'var.1',
        'v-1',
        '1v',
        'v\xe9',
        '\xe9',
        '\xd7',
        '_',
        '__',
        'a[0]',
        'a:u8',
        '$a',
        'a$',
        '\xa9',
        'x',
        'if',
        'REC',
        '%',
        'a\x80',
      ]);
    const argument = (): string =>
      random.pick([
        `${name()}=${value}`,
        `${name()}=${value}`,
        `${name()}=`,
        value,
        '=',
        '==',
        `${name()}==${value}`,
        `${name()}=${name()}=${value}`,
      ]);
    return this.#add(
      this.#place(['f', 'p', 'r', 't', 'e', 'u', 'p', 'r']),
      Array.from({ length: random.between(1, 3) }, argument).join(' '),
    );
  }

  #argumentLength(): string {
    const { random } = this;
    const length = random.between(58, 68);
    const fill = (before: string, filler: string, after: string): string =>
      before + filler.repeat(Math.max(0, length - before.length - after.length)) + after;
    const argument = random.pick([
      fill('@', 'a', ''),
      fill('\\"', 'x', '"'),
      fill('\\', '0', '1'),
      fill('+', '0', '(@0)'),
      fill('$stack', '0', '1'),
      fill('@', 'a', ':u8'),
      fill('\\0x', '0', '1:u8'),
      fill('$arg', '0', '1'),
      fill('$arg', '0', '1:u8'),
      fill('', 'x', ''),
      fill('$comm:', 'x', ''),
      fill('$arg*', 'x', ''),
    ]);
    return this.#add(this.#place(), random.pick(['', 'a=', '=', `${random.identifier(32)}=`]) + argument);
  }

  #manyArguments(): string {
    const { random } = this;
    const place = random.chance(0.5) ? this.#place(['u', 'e', 'p', 'r']) : this.#place();
    const bodies = ['\\1', '$stack', '\\1:u8', 'b=\\1', '$arg1', '+0($stack):u64', '$comm'];
    const body = random.pick(bodies);
    const words = Array.from(
      { length: random.pick([20, 100, 125, 126, 127, 128, 129, 130, 200]) },
      (_, i) => `${random.pick(['', `a${i}=`])}${random.chance(0.9) ? body : random.pick(bodies)}`,
    );
    if (random.chance(0.3)) words.splice(random.below(words.length), 0, '$arg*');
    return `${this.#head(place)} ${words.join(' ')}`;
  }

  #eventSize(): string {
    const { random } = this;
    const type = random.pick([
      'u64[64]',
      'u32[64]',
      'string[64]',
      'u8[64]',
      'x64[63]',
      'u16[64]',
      's64[64]',
      'b1@0/64[64]',
    ]);
    const words = Array.from(
      { length: random.between(3, 14) },
      (_, i) =>
        `a${i}=${random.pick(['+0($stack)', '@jiffies', '+0($arg1)'])}:${random.chance(0.8) ? type : random.pick(['u64', 'u8[3]', 'u32[32]'])}`,
    );
    return `${this.#head(this.#place(['p', 'r', 'u', 'e', 'f', 't', 'p-return']))} ${words.join(' ')}${random.pick(['', ' z=\\1', ' z=\\1:u8'])}`;
  }

  #chainWith(change: (chain: string) => string): string {
    const { values } = this;
    for (let tries = 0; tries < 60; tries++) {
      const place = this.places.refused();
      const chain = values.chain(place, values.chainLength(), values.wanted());
      if (chain !== undefined) return this.#add(place, change(chain.text));
    }
    return 'p vfs_read file->x';
  }

  #field(): string {
    const { random } = this;
    return this.#chainWith(chain => {
      const parts = chain.split(/(->|\.)/);
      const at = 2 * random.below((parts.length + 1) / 2);
      parts[at] = random.weighted<() => string>([
        [4, () => misspell(random, parts[at]!)],
        [1, () => ''],
        [
          1,
          () => random.pick(['foo', 'x', '0', 'next', 'ops', '1x', '$arg1', '\xe9', 'rcu', 'list', 'u', 's']),
        ],
        [1, () => `${parts[at]}[0]`],
      ])();
      return parts.join('') + random.pick(['', '', ':u32', ':string', ':u8[2]']);
    });
  }

  #separator(): string {
    const { random } = this;
    return this.#chainWith(chain => {
      const at = random.pick([...chain.matchAll(/->|\./g)]);
      const other =
        at[0] === '->'
          ? ['.', '-', '>', '-.', '->.', '->->', '', '--', '-->', '=>', '.->', '->\xa0', '-\xbb']
          : ['->', '-', '..', '->.', '', ':', '.-', ',', '.->', '->->'];
      return (
        chain.slice(0, at.index) +
        random.pick(other) +
        chain.slice(at.index + at[0].length) +
        random.pick(['', '', '', ':u32', ':string'])
      );
    });
  }

  #noPointer(): string {
    const { random, places } = this;
    const place = places.refused();
    const { probe } = place;
    const scalars = probe?.parameters.filter(({ type }) => structBehind(probe.btf, type) === undefined) ?? [];
    const start =
      scalars.length > 0
        ? random.pick(scalars).name
        : random.pick(['$retval', 'x', '$arg1', '$stack', '%ax']);
    return this.#add(
      place,
      start +
        random.pick([
          '->foo',
          '.foo',
          '->x.y',
          '.x->y',
          '->',
          '.',
          '-',
          '->foo:string',
          '-x',
          '->a->b',
          '->foo:u8',
          '',
          ':string',
          ':ustring',
          ':symstr',
          '.:u8',
          '-:u8',
          '->:u8',
          '->x)',
        ]),
    );
  }

  #chainDereferenced(): string {
    const { random } = this;
    return this.#chainWith(chain => {
      const depth = random.weighted([
        [5, 1],
        [2, 2],
        [1, 3],
        [0.5, random.between(4, 12)],
      ]);
      const opening = Array.from({ length: depth }, () =>
        random.pick(['+0(', '+8(', '-4(', '+u0(', '-u8(', '+0x10(', '++1(']),
      ).join('');
      return (
        opening +
        chain +
        ')'.repeat(random.chance(0.95) ? depth : random.below(depth + 2)) +
        random.pick([
          '',
          '',
          ':u8',
          ':string',
          ':ustring',
          ':u16[3]',
          ':string[2]',
          ':b2@1/8',
          ':x64',
          ':symbol',
          ':symstr',
          '->x',
          '.x',
          ':zz',
          ':symstr[2]',
        ])
      );
    });
  }

  #eventProbe(): string {
    const { random, places } = this;
    const attached = random.pick(places.vocabulary.events);
    const other = random.pick(places.vocabulary.events);
    const name = `${attached.group}.${attached.name}`;
    const field = attached.fields.length > 0 ? random.pick(attached.fields).name : 'x';
    const place = random.weighted<() => string>([
      [8, () => name],
      [1, () => `${attached.group}/${attached.name}`],
      [
        1,
        () =>
          random.pick([
            'a.',
            '.b',
            'a.b',
            'a',
            'a/b',
            attached.group,
            `${attached.group}.`,
            `.${attached.name}`,
            `${attached.group}:${attached.name}`,
            `${attached.group}.${other.name}`,
            `${attached.group}..${attached.name}`,
            `${name}.x`,
            `${name}/x`,
            'ftrace.function',
            'ftrace/print',
            `${random.identifier(64)}.x`,
            `x.${random.identifier(64)}`,
            `1a.${attached.name}`,
            `a-b.${attached.name}`,
            '/',
            '.',
            'a/.b',
            `a./b`,
          ]),
      ],
    ])();
    const value = random.weighted<() => string>([
      [5, () => `$${field}`],
      [
        1,
        () =>
          random.pick([
            'foo',
            '$foo',
            '^',
            '%ax',
            '$stack',
            '$stack1',
            '$retval',
            '$arg1',
            '$arg*',
            '$comm',
            '$COMM',
            '$common_pid',
            '$common_type',
            '\\1',
            '\\"abc"',
            '@jiffies',
            '@nosuch',
            '@jiffies+x',
            '@+1',
            '$__syscall_nr',
            '$',
            field,
            '@0',
            '$commx',
          ]),
      ],
      [1, () => `+${random.below(9)}($${field})`],
      [0.5, () => `$${field}${random.pick(['->x', '.x', '-', 'x', '[0]', ' '])}`],
    ])();
    const typed =
      value +
      random.weighted<() => string>([
        [4, () => ''],
        [3, () => `:${random.pick(allTypes)}`],
        [1, () => `:${arrayType(random, random.pick(allTypes))}`],
        [1, () => `:${bitfieldType(random)}`],
        [1, () => `:${oddType(random)}`],
      ])();
    const event = random.pick([
      '',
      '',
      ':ev',
      ':foo/ev',
      ':foo.ev',
      ':/bar',
      ':',
      ':foo/',
      `:${attached.group}/${attached.name}`,
      '5',
      'x:ev',
      ':a-b/c',
      ':a/b-c',
    ]);
    return `e${event} ${place} ${random.pick(['', 'a=', 'arg1='])}${typed}${random.pick(['', '', '', ' $comm', ' a=\\1', ' if', ' if 1', ` if ${field}`, ` if ${field} == 1`])}`;
  }

  #eventFilter(): string {
    const { random, places } = this;
    const attached = random.pick(places.vocabulary.events);
    const field = (): string =>
      attached.fields.length > 0 && random.chance(0.85)
        ? random.pick(attached.fields).name
        : random.pick([
            'common_pid',
            'common_type',
            'nofield',
            'CPU',
            'cpu',
            'COMM',
            'comm',
            'common_cpu',
            'stacktrace',
          ]);
    const operator = (): string =>
      random.weighted([
        [4, '=='],
        [2, '!='],
        [1, '>'],
        [1, '<'],
        [1, '>='],
        [1, '<='],
        [1, '&'],
        [1, '~'],
        [0.3, random.pick(['=', '!', '&&', '<>', '===', '!~', '=~', ''])],
      ]);
    const value = (): string =>
      random.weighted<() => string>([
        [5, () => numberText(random)],
        [2, () => `"${random.identifier(random.between(1, 6))}"`],
        [
          0.5,
          () =>
            random.pick([
              '"a*"',
              "'a'",
              '"a',
              '*',
              '"*"',
              '""',
              '"a*b?"',
              'CPUS{0}',
              '"[a]"',
              '@',
              'x',
              '-1',
              '',
              '"a"b',
            ]),
        ],
        [0.3, () => oddNumber(random)],
      ])();
    const blank = random.pick([' ', ' ', '']);
    const predicate = (): string =>
      `${random.chance(0.1) ? '!' : ''}${field()}${blank}${operator()}${blank}${value()}`;
    let filter = predicate();
    for (
      let left = random.weighted([
        [5, 0],
        [2, 1],
        [1, 2],
        [0.5, 3],
      ]);
      left > 0;
      left--
    ) {
      filter = random.chance(0.3) ? `(${filter})` : filter;
      filter = `${filter}${blank}${random.pick(['&&', '||', '&&', '||', '&', '|', 'and', ''])}${blank}${random.chance(0.2) ? `(${predicate()})` : predicate()}`;
    }
    if (random.chance(0.15))
      filter = random.pick([
        `(${filter}`,
        `${filter})`,
        `!(${filter})`,
        `((${filter}))`,
        `${filter} &&`,
        `${filter} ||`,
        `&& ${filter}`,
        `()${filter}`,
        `!!${filter}`,
      ]);
    return `e${random.pick(['', ':ev', ':g/e'])} ${attached.group}.${attached.name}${random.pick(['', ' $comm', ` a=$${field()}`])} if ${filter}`;
  }

  #fileProbe(): string {
    const { random } = this;
    const path = random.weighted<() => string>([
      [6, () => random.pick(files)],
      [
        1,
        () =>
          random.pick([
            '/non_exist',
            '/sys',
            '/dev/null',
            '/bin',
            '/',
            '/proc/',
            'bin/sh',
            './agent',
            'agent',
            '../bin/sh',
            '/bin/sh/',
            '/bin/sh/x',
            '/a:b/c',
            '//',
            '/bin/sh:0',
            ':/bin/sh',
            '/dev',
            '/init:',
          ]),
      ],
    ])();
    const offset = random.weighted<() => string>([
      [4, () => hex(random.below(4096))],
      [2, () => oddNumber(random)],
      [1, () => limitNumber(random)],
      [1, () => random.pick(['x', '-1', '', '10a', '10:20', ' 10', '0', '+1', '00000010'])],
    ])();
    const suffix = random.pick([
      '',
      '',
      '',
      '%return',
      '%hoge',
      '(0)',
      '(1a)',
      '(10',
      '(10)a',
      '()',
      '(0x10)',
      ')8(',
      '%return(0x10)',
      '(0x10)%return',
      '%',
      '%return%return',
      `(${limitNumber(random)})`,
      '+4',
      '(1)(2)',
    ]);
    const argument = random.pick([
      '',
      '',
      '',
      ' $retval',
      ' $arg1',
      ' $arg*',
      ' x',
      ' $stack10000',
      ' $comm',
      ' %ax:string',
      ' +0(%ax):string',
      ' +u0(%ax):u8',
      ' @0x100',
      ' @sym',
      ' @+0x10',
      ' @+ab',
      ' $stack0:symstr',
      ' \\"abc"',
      ' $retval->x',
      ' @+0x10:u8[4]',
      ' $retvalx',
      ' a=$arg1',
      ' $arg1:u8',
      ' %di:%pd',
      ' $stack:symbol',
      ' +0(+0($stack)):ustring[2]',
      ' $stack99999',
      ' @-1',
      ' @+-8',
      ' \\1:symstr',
      ' file->x',
    ]);
    return `${random.pick(['p', 'p', 'r', 'p:ev', 'p:g/ev', 'r:ev', 'p5', 'r5', 'px:ev', 'r0x:a', 'p:g/', 'r:'])} ${path}${random.pick([':', ':', ':', ':', ':', ''])}${offset}${suffix}${argument}`;
  }

  #lineLength(): string {
    const { random } = this;
    const place = this.#place(['p', 'r', 'f', 'u', 'e']);
    const head = `${this.#head(place)} a=\\1`;
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
