import { hex, oddNumber, oddType } from './pieces.js';
import type { Random } from './random.js';

const characters =
  '$%@+-\\"\'()[]{}:;=,.*?!#&|/<>~^_ \t0189aAbfpuxz\xe9\xa0\xd7\xf7\xff\x80\x01\x7f\x0b\x0c\r';
const tokens: readonly string[] = [
  ...[
    '->',
    '.',
    '$arg1',
    '$arg*',
    '$retval',
    '$comm',
    '$stack',
    '+0(',
    ')',
    ':string',
    ':u8',
    '[2]',
    '%return',
    'if',
  ],
  ...[
    ':%pd',
    '\\1',
    '\\"a"',
    '@',
    '%ax',
    '=',
    ':',
    '+',
    '-',
    '(',
    '+u',
    ' $retval',
    ' x=',
    'b1@0/8',
    '0x',
    '#',
    '\n',
  ],
];

/** A definition changed in one to three places: characters, words, numbers, pieces of another definition. */
export function mutate(random: Random, def: string, other: string): string {
  let text = def;
  for (
    let left = random.weighted([
      [7, 1],
      [2, 2],
      [1, 3],
    ]);
    left > 0 && text.length > 1;
    left--
  )
    text = change(random, text, other);
  return text;
}

function change(random: Random, text: string, other: string): string {
  const at = random.below(text.length);
  const words = text.split(' ');
  const word = random.below(words.length);
  const replaced = (changed: readonly string[]): string =>
    [...words.slice(0, word), ...changed, ...words.slice(word + 1)].join(' ');
  return random.weighted<() => string>([
    [2, () => text.slice(0, at) + text.slice(at + 1)],
    [2, () => text.slice(0, at) + random.pick(characters) + text.slice(at)],
    [2, () => text.slice(0, at) + random.pick(characters) + text.slice(at + 1)],
    [1, () => text.slice(0, at) + text.charAt(at) + text.slice(at)],
    [1, () => text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2)],
    [0.5, () => text.slice(0, Math.max(1, at))],
    [1, () => replaced([])],
    [1, () => replaced([words[word]!, words[word]!])],
    [1.5, () => replaced([words[word]!, random.pick(other.split(' '))])],
    [1, () => replaced([random.pick(other.split(' '))])],
    [1.5, () => text.slice(0, at) + random.pick(tokens) + text.slice(at)],
    [1, () => text.replace(/\d+/, () => oddNumber(random))],
    [1, () => text.replace(/(\d+)(?!.*\d)/s, digits => hex(BigInt(digits)))],
    [1, () => text.replace(/:(?!.*:).*$/s, () => `:${oddType(random)}`)],
    [0.7, () => random.pick('fptrepuxFs') + text.slice(1)],
    [
      0.5,
      () =>
        text.replace(/[a-z]/i, letter =>
          letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
        ),
    ],
  ])();
}

/** White space, comments, line ends and NUL bytes where they can stand. */
export function respace(random: Random, def: string, other: string): string {
  const words = def.split(' ');
  const blanks = ['  ', '\t', '\r', '\v', '\f', '\xa0', ' \t ', ' \xa0', '\x85', '\x1c'];
  return random.pick([
    words.join(random.pick(blanks)),
    words.map(word => word + random.pick([' ', ' ', ...blanks])).join(''),
    random.pick(['', ...blanks]) + def + random.pick([' ', ...blanks]),
    def + random.pick([' # comment', '#x', ' #', '\r', '\n', '\n\n', '\r\n', ' \n ']),
    random.pick(['\n', ' \n', '# \n', '#', '##\n\n', '\r', '\r\n']) + def,
    def.replace(/([=:(),])/, '$1 '),
    def.replace(/([=:()])/, ' $1'),
    def.replace(/([=:(),])/, '$1\xa0'),
    `${def}\n${other}`,
    `${def}\nzzz`,
    `${def}\0${random.pick(['', 'x', '\n', ' x'])}`,
    `${def.slice(0, 8)}\0${def.slice(8)}`,
    `${def}\n\0`,
    random.pick(['', ' ', '\n', '\0', '#', '\n\n', '\xa0', ' #\n', '\t\n']),
    words.join(''),
    `\\\n${def}`,
    def.replace(' ', ' "" '),
  ]);
}
