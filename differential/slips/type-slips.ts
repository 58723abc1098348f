import { allTypes, bitfieldType, misspell, oddType, reservedNames, split } from '../pieces.js';
import { type Slip, SlipKit } from './slip-kit.js';

/** Slips of types, of argument names, and of how much fits. */
export class TypeSlips extends SlipKit {
  get rules(): readonly Slip[] {
    const { random } = this;
    const pick = <T>(list: ArrayLike<T>): T => random.pick(list);
    return [
      [
        2.5,
        'type',
        () =>
          this.add(
            this.place(),
            `${this.anyValue()}:${pick([oddType(random), oddType(random), pick(allTypes) + pick(split('x [ ] : [1 [1]x \xa0 . *')), misspell(random, pick(allTypes))])}`,
          ),
      ],
      [
        1.6,
        'array',
        () =>
          this.add(
            this.place(),
            `${this.anyValue()}:${pick(allTypes)}${pick(split('[10 [ [] [10]a [10][2] [10a] [a] [0] [00] [65] [64] [0x40] [0x41] [-1] [+1] [+0] [+64] [++1] [4294967296] [4294967297] [1]:u8 [1]] [[1] [1 [1:u8] [010] [0100] [0101] [08] 10] [18446744073709551616] [18446744073709551617] [0X2] [2]'))}`,
          ),
      ],
      [
        1.4,
        'bitfield',
        () =>
          this.add(
            this.place(),
            `${this.anyValue()}:${pick([bitfieldType(random), bitfieldType(random), 'b0@0/8', 'b8@0/8', 'b9@0/8', 'b4@5/8', 'b1@0/9', 'b1@0/0', 'b@0/8', 'b1/8', 'bx@0/8', 'b64@0/64', 'b65@0/64', 'b1@64/64', 'b1@0/128', 'b/8', 'b1@0/16/8', 'b4294967297@0/8', 'b1@4294967296/8', 'b1@0/4294967304', 'b@/', 'b1@', 'b1@/', 'b1@0/', 'b1@0@0/8', 'B1@0/8', 'b1@0/8 ', 'b18446744073709551617@0/8', 'b1@0/24'])}`,
          ),
      ],
      [
        2,
        'value-string',
        () =>
          this.add(
            this.place(),
            `${this.parameter()}:${pick(split('string ustring symstr string[2] ustring[2] mystring string: xstring string[0] symbol char'))}`,
          ),
      ],
      [1.6, 'argument-name', () => this.argumentName()],
      [1, 'argument-length', () => this.argumentLength()],
      [0.5, 'many-arguments', () => this.manyArguments()],
      [0.6, 'event-size', () => this.eventSize()],
      [0.6, 'arguments-too-long', () => this.argumentsTooLong()],
      [
        1,
        'dentry',
        () =>
          this.add(
            this.place(),
            pick(['', 'n=', 'a=']) +
              pick([this.anyValue(), '', `${this.anyValue()}->x`, '$arg1', '$arg2', '$retval', '%di']) +
              pick([...split(':%pd :%pD :%pdx :%p :u8:%pd :%pD:%pd %pd :%PD :%pd='), ':%pD ']) +
              pick(['', '', ` ${this.parameter()}:%pd`, ' $arg*', ' $arg1', ' zz', ' \\1:zz', ' $arg2:%pD']),
          ),
      ],
      [
        0.4,
        'dentry-too-long',
        () =>
          `${this.head(this.place('p', 'r', 'f', 't'))} ${Array.from({ length: random.between(6, 16) }, (_, i) => `${pick(['', `n${i}=`])}${pick(['$arg1', '%di', '@jiffies', '\\1', this.parameter()])}${pick([':%pd', ':%pD'])}`).join(' ')}`,
      ],
    ];
  }

  private argumentName(): string {
    const { random } = this;
    const value = random.pick(['@11', '\\1', '$stack1', '$arg1', this.parameter()]);
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
    return this.add(
      this.place('f', 'p', 'r', 't', 'e', 'u', 'p', 'r'),
      Array.from({ length: random.between(1, 3) }, argument).join(' '),
    );
  }

  private argumentLength(): string {
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
    return this.add(this.place(), random.pick(['', 'a=', '=', `${random.identifier(32)}=`]) + argument);
  }

  private manyArguments(): string {
    const { random } = this;
    const place = random.chance(0.5) ? this.place('u', 'e', 'p', 'r') : this.place();
    const bodies = split('\\1 $stack \\1:u8 b=\\1 $arg1 +0($stack):u64 $comm');
    const body = random.pick(bodies);
    const words = Array.from(
      { length: random.pick([20, 100, 125, 126, 127, 128, 129, 130, 200]) },
      (_, i) => `${random.pick(['', `a${i}=`])}${random.chance(0.9) ? body : random.pick(bodies)}`,
    );
    if (random.chance(0.3)) words.splice(random.below(words.length), 0, '$arg*');
    return `${this.head(place)} ${words.join(' ')}`;
  }

  private eventSize(): string {
    const { random } = this;
    const type = random.pick(split('u64[64] u32[64] string[64] u8[64] x64[63] u16[64] s64[64] b1@0/64[64]'));
    const words = Array.from(
      { length: random.between(3, 14) },
      (_, i) =>
        `a${i}=${random.pick(['+0($stack)', '@jiffies', '+0($arg1)'])}:${random.chance(0.8) ? type : random.pick(['u64', 'u8[3]', 'u32[32]'])}`,
    );
    return `${this.head(this.place('p', 'r', 'u', 'e', 'f', 't', 'p-return'))} ${words.join(' ')}${random.pick(['', ' z=\\1', ' z=\\1:u8'])}`;
  }

  private argumentsTooLong(): string {
    const { random } = this;
    const place = this.place('f', 'p', 'r', 't', 'f-return');
    const count = Math.max(1, place.probe?.parameters.length ?? 1);
    const words = Array.from(
      { length: random.between(3, 24) },
      () =>
        `$arg${random.between(1, count)}${random.pick([...split(':u64 :x32 :string :unknown_type_name :b1@2/32'), ''])}`,
    );
    if (random.chance(0.4)) words.splice(random.below(words.length), 0, '$arg*');
    return `${this.head(place)} ${words.join(' ')}`;
  }
}
