import {
  allTypes,
  limitNumber,
  misspell,
  numberText,
  oddNumber,
  oddType,
  registers,
  split,
} from '../pieces.js';
import { type Slip, SlipKit } from './slip-kit.js';

/** Slips of what an argument fetches. */
export class ValueSlips extends SlipKit {
  get rules(): readonly Slip[] {
    const { random } = this;
    const pick = <T>(list: ArrayLike<T>): T => random.pick(list);
    return [
      [
        1.4,
        'retval',
        () =>
          this.add(
            this.place(),
            pick(
              split(
                '$retval $retval2 $retvalx $Retval $retval-> $retval.x $retval- $retval->x $retval->x.y $retval:string $retval:symstr +0($retval) $ret $retval[0] +8($retval):string $retval$retval a=$retvalx$retval $retval-x $retval: $retval( $retval= $retval\xe9',
              ),
            ),
          ),
      ],
      [
        1.2,
        'stack',
        () =>
          this.add(
            this.place(),
            `$stack${pick([limitNumber(random), oddNumber(random), '2047', '2048', '2049', '4294967296', '4294967297', '', 'x', ' 1', '->x', '.x', ':string', '0:ustring', '0:symstr', '1:u8[2]', ':symstr'])}`,
          ),
      ],
      [1.6, 'argument-number', () => this.argumentNumber()],
      [1.4, 'all-arguments', () => this.allArguments()],
      [
        1.2,
        'variable',
        () =>
          this.add(
            this.place(),
            pick(
              split(
                '$ $$ $none_var $1 $comm1 $com $comm->x $comm.x $current $\xe9 $comm:u8 $comm:string[2] $comm:ustring $Comm $comm: $comm:symstr $COMM: $COMMx $arg $argx +0($comm) +0($COMM) +0($comm $comm) $comm[1] $stackx:u8 $comm:string: $comm= $comm:String',
              ),
            ),
          ),
      ],
      [
        1,
        'register',
        () =>
          this.add(
            this.place('p', 'r', 'u', 'p', 'f', 't', 'e'),
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
              `%${misspell(random, pick(registers))}`,
              `+0(%${pick(registers)}):${pick(allTypes)}`,
              '%ax:b4@4/8',
              '%axx',
              '%a',
              '%sp:%pd',
              '%di:%pD',
            ]),
          ),
      ],
      [1.2, 'memory', () => this.memory()],
      [1.2, 'immediate', () => this.immediate()],
      [2, 'dereference', () => this.dereference()],
      [1, 'deep', () => this.deep()],
      [
        1,
        'fetch',
        () =>
          this.add(
            this.place(),
            pick([
              ...split(
                '&1 ! 1 0x10 *file (x) "abc" [0] ^ ~1 , ; < { a=1 a=&b :u8 : = == a==b ->x .x / \xe9 \xd7 ?x if a=if | \x7f \x01 a=\x80 - + a=- _ a=_ \xff x=\xaa \xb5->x -x . a=: =: :=',
              ),
              "'a'",
              '`',
            ]),
          ),
      ],
      [
        1.2,
        'unknown-variable',
        () =>
          this.add(
            this.place(),
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
              misspell(random, this.parameter()),
              `${misspell(random, this.parameter())}->x`,
              '__data->x',
            ]),
          ),
      ],
    ];
  }

  private argumentNumber(): string {
    const { random } = this;
    const place = this.place();
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
    return this.add(place, argument);
  }

  private allArguments(): string {
    const { random } = this;
    const place = random.chance(0.2) ? this.place('u', 'e', 'p-address', 'p-pending') : this.place();
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
      `${this.parameter()}:string`,
      `$arg*${'x'.repeat(70)}`,
    ];
    const count = random.between(1, 5);
    return `${this.head(place)} ${Array.from({ length: count }, () => random.pick(['$arg*', random.pick(words), random.pick(words)])).join(' ')}`;
  }

  private memory(): string {
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
    return this.add(
      this.place('f', 'p', 'r', 'u', 'e', 't', 'p', 'u'),
      `@${address}${random.pick([...split(':u8 :string :u8[4] :symstr :b1@0/8 :ustring[2]'), '', ''])}`,
    );
  }

  private immediate(): string {
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
    return this.add(this.place('f', 'p', 'u', 'e', 't', 'f-return', 'r'), wrapped);
  }

  private dereference(): string {
    const { random } = this;
    const inner = random.pick([
      '@0',
      '$stack',
      '$stack1',
      '$arg1',
      '%ax',
      '\\1',
      this.parameter(),
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
    const sign = random.pick([...split('+ - +u -u + ++ +- -+ -- +u- +u+ +uu +U'), '']);
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
    return this.add(
      this.place(),
      text +
        random.pick([...split(':u8 :string :ustring :symstr :u8[2] :string[2] :b1@0/8 : :zz'), '', '', '']),
    );
  }

  private deep(): string {
    const { random } = this;
    const place = this.place();
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
    return this.add(
      place,
      text + random.pick([...split(':u8 :string :u8[2] :b1@1/8 :string[2] :ustring :symstr :s'), '', '']),
    );
  }
}
