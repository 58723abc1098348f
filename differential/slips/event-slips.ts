import {
  allTypes,
  arrayType,
  bitfieldType,
  hex,
  limitNumber,
  numberText,
  oddNumber,
  oddType,
  split,
} from '../pieces.js';
import { files } from '../places.js';
import { type Slip, SlipKit } from './slip-kit.js';

/** Slips of probes on events, with their filters, and on files. */
export class EventSlips extends SlipKit {
  get rules(): readonly Slip[] {
    return [
      [3, 'event-probe', () => this.eventProbe()],
      [1.5, 'event-filter', () => this.eventFilter()],
      [2.5, 'file-probe', () => this.fileProbe()],
    ];
  }

  private eventProbe(): string {
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
      [0.5, () => `$${field}${random.pick([...split('->x .x - x [0]'), ' '])}`],
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

  private eventFilter(): string {
    const { random, places } = this;
    const attached = random.pick(places.vocabulary.events);
    const field = (): string =>
      attached.fields.length > 0 && random.chance(0.85)
        ? random.pick(attached.fields).name
        : random.pick(
            split(
              'common_pid common_type common_flags common_preempt_count nofield CPU cpu COMM comm common_cpu common_comm stacktrace common_stacktrace STACKTRACE 1 ip',
            ),
          );
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
        [0.3, random.pick([...split('= ! && <> === !~ =~'), ''])],
      ]);
    const value = (): string =>
      random.weighted<() => string>([
        [5, () => numberText(random)],
        [2, () => `"${random.identifier(random.between(1, 6))}"`],
        [0.5, () => random.pick([...split('"a*" "a * "*" "" "a*b?" CPUS{0} "[a]" @ x -1 "a"b'), "'a'", ''])],
        [0.3, () => oddNumber(random)],
        [0.5, () => limitNumber(random)],
        [0.4, () => `CPUS{${random.pick(split('0 1 0-1 0,1 1-0 99999 a - , 0-1:2 } { 0x1 all N'))}}`],
        [0.2, () => `"${'x'.repeat(random.between(250, 258))}"`],
        [0.2, () => '1'.repeat(random.between(18, 26))],
        [
          0.3,
          () =>
            random.pick(split("vfs_read nosuch 0xffffffff81000000 'a*b' 'ab 1x 1)2 1( 1! 1&2 1== \\ \"\\\"")),
        ],
      ])();
    const suffix = (): string =>
      random.weighted([
        [12, ''],
        [0.5, '.function'],
        [0.5, '.ustring'],
        [0.3, random.pick(split('.x . .FUNCTION .function.x .string'))],
      ]);
    const blank = random.pick([' ', ' ', '']);
    const predicate = (): string =>
      `${random.chance(0.1) ? '!' : ''}${field()}${suffix()}${blank}${operator()}${blank}${value()}`;
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
      filter = `${filter}${blank}${random.pick([...split('&& || && || & | and'), ''])}${blank}${random.chance(0.2) ? `(${predicate()})` : predicate()}`;
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

  private fileProbe(): string {
    const { random } = this;
    const path = random.weighted<() => string>([
      [6, () => random.pick(files)],
      [
        1,
        () =>
          random.pick(
            split(
              '/non_exist /sys /dev/null /bin / /dev/ bin/sh ./agent agent ../bin/sh /bin/sh/ /bin/sh/x /a:b/c // /bin/sh:0 :/bin/sh /dev /init:',
            ),
          ),
      ],
    ])();
    const offset = random.weighted<() => string>([
      [4, () => hex(random.below(4096))],
      [2, () => oddNumber(random)],
      [1, () => limitNumber(random)],
      [1, () => random.pick([...split('x -1 10a 10:20 0 +1 00000010'), '', ' 10'])],
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
    return `${random.pick(split('p p r p:ev p:g/ev r:ev p5 r5 px:ev r0x:a p:g/ r:'))} ${path}${random.pick([...split(': : : : :'), ''])}${offset}${suffix}${argument}`;
  }
}
