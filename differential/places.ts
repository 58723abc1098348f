import type { RecordLayout } from '../src/kernel/index.js';
import { eventText, hex, limitNumber, misspell, numberText, oddNumber } from './pieces.js';
import type { Random, Weighted } from './random.js';
import type { Probeable, Vocabulary } from './vocabulary.js';

/** What a definition probes: kernel functions by ftrace, kprobes, their returns, tracepoints, events, files. */
export type Kind =
  | 'f'
  | 'f-return'
  | 'f-retval'
  | 't'
  | 'p'
  | 'p-return'
  | 'r'
  | 'p-address'
  | 'p-pending'
  | 'e'
  | 'u';

/** A definition without its arguments, and what its arguments can use. */
export interface Place {
  readonly kind: Kind;
  /** The kind letter and the event's name. */
  readonly command: string;
  readonly place: string;
  readonly probe?: Probeable;
  readonly event?: RecordLayout;
  readonly isReturn: boolean;
}

/** Kinds whose registration is cheap are more frequent: the kernel attaches some 10 `f` a second, and 100 `p`. */
const usualKinds: readonly Weighted<Kind>[] = [
  [9, 'p'],
  [2, 'p-return'],
  [7, 'r'],
  [0.7, 'f'],
  [0.4, 'f-return'],
  [0.4, 'f-retval'],
  [1.2, 't'],
  [0.4, 'p-address'],
  [0.3, 'p-pending'],
  [4, 'e'],
  [2.5, 'u'],
];

/** Where definitions are expected to be refused before they are attached, `f` costs no more than others. */
export const refusedKinds: readonly Weighted<Kind>[] = [
  [3, 'f'],
  [1.5, 'f-return'],
  [0.6, 'f-retval'],
  [2.5, 't'],
  [7, 'p'],
  [1.5, 'p-return'],
  [6, 'r'],
  [0.3, 'p-address'],
  [0.2, 'p-pending'],
];

export const files: readonly string[] = [
  ...[
    '/bin/sh',
    '/bin/busybox',
    '/bin/ls',
    '/bin/cat',
    '/data/agent',
    '/bin/../bin/sh',
    '//bin//sh',
    '/./bin/sh',
  ],
  ...['/run.sh', '/init'],
];

export class Places {
  constructor(
    readonly random: Random,
    readonly vocabulary: Vocabulary,
  ) {}

  usual(): Place {
    return this.of(this.random.weighted(usualKinds));
  }

  refused(): Place {
    return this.of(this.random.weighted(refusedKinds));
  }

  anyFunction(): Probeable {
    const { functions, structFunctions, moduleFunctions } = this.vocabulary;
    if (moduleFunctions.length > 0 && this.random.chance(0.6)) return this.random.pick(moduleFunctions);
    return this.random.pick(this.random.chance(0.7) ? structFunctions : functions);
  }

  maxactive(): string {
    return this.random.weighted<() => string>([
      [12, () => ''],
      [1.5, () => String(this.random.between(1, 4096))],
      [0.5, () => this.random.pick(['0x10', '010', '4096', '1', '0x1000'])],
      [
        0.2,
        () => this.random.pick(['4097', '0', '00', '08', '0x', '1a', '-1', '99999999999999999999', '0x1001']),
      ],
    ])();
  }

  of(kind: Kind): Place {
    const { random, vocabulary } = this;
    const event = eventText(random);
    const shared = { kind, isReturn: false };
    switch (kind) {
      case 'f': {
        const probe = this.anyFunction();
        return { ...shared, command: `f${event}`, place: probe.name, probe };
      }
      case 'f-return': {
        const probe = this.anyFunction();
        const command = `f${this.maxactive()}${event}`;
        return { ...shared, command, place: `${probe.name}%return`, probe, isReturn: true };
      }
      case 'f-retval': {
        const probe = this.anyFunction();
        return {
          ...shared,
          command: `f${this.maxactive()}${event}`,
          place: probe.name,
          probe,
          isReturn: true,
        };
      }
      case 't': {
        const probe = random.pick(vocabulary.tracepoints);
        return { ...shared, command: `t${event}`, place: probe.name, probe };
      }
      case 'p': {
        const probe = this.anyFunction();
        return { ...shared, command: `p${event}`, place: probe.name + this.entryOffset(probe), probe };
      }
      case 'p-return': {
        const probe = this.anyFunction();
        const place = `${probe.name}${random.pick(['', '', '+0'])}%return`;
        return { ...shared, command: `p${event}`, place, probe, isReturn: true };
      }
      case 'r': {
        const probe = this.anyFunction();
        const place = `${probe.name}${this.entryOffset(probe)}${random.pick(['', '', '', '', '%return'])}`;
        return { ...shared, command: `r${this.maxactive()}${event}`, place, probe, isReturn: true };
      }
      case 'p-address': {
        const [name, address] = random.pick(vocabulary.addresses);
        const onEntry = vocabulary.kernel.functions.siteOffset(name) === 4 ? random.pick([0n, 0n, 4n]) : 0n;
        const place =
          random.pick(['', '', '', '+']) +
          hex(address + onEntry) +
          random.pick(['', '', '', '', '+0', '%return']);
        return { ...shared, command: `${random.pick('pppr')}${event}`, place };
      }
      case 'p-pending': {
        const place = `${random.pick(['nomod', 'not_loaded', 'm'])}:${random.pick([this.anyFunction().name, 'sym'])}`;
        const offset = random.pick(['', '', '+4', `+${numberText(random)}`, '%return']);
        return { ...shared, command: `${random.pick('ppr')}${event}`, place: place + offset };
      }
      case 'e': {
        const attached = random.pick(vocabulary.events);
        const place = `${attached.group}${random.pick('../')}${attached.name}`;
        return { ...shared, command: `e${event}`, place, event: attached };
      }
      case 'u':
        return { ...shared, ...this.#user(event) };
    }
  }

  #user(event: string): Pick<Place, 'command' | 'place' | 'isReturn'> {
    const { random } = this;
    const letter = random.pick('pppr');
    const suffix = letter === 'p' ? random.pick(['', '', '', '%return']) : random.pick(['', '', '%return']);
    const offset = random.weighted<() => string>([
      [6, () => hex(random.below(65536))],
      [3, () => String(random.below(9000))],
      [1, () => `0${random.between(1, 7)}`],
      [0.3, () => limitNumber(random)],
      [0.3, () => oddNumber(random)],
    ])();
    const counter = random.weighted([
      [9, ''],
      [1, `(${hex(random.below(4096))})`],
      [0.4, `(${numberText(random)})`],
      [0.2, `(${oddNumber(random)})`],
      [0.2, random.pick(['(', '()', '(1', '(1)x', ')', '(1)(2)', '%return', '(0)'])],
    ]);
    return {
      command: letter + event,
      place: `${random.pick(files)}:${offset}${suffix}${counter}`,
      isReturn: letter === 'r' || suffix === '%return',
    };
  }

  /** An offset that is still the function's entry. */
  entryOffset({ name }: Probeable): string {
    const { random, vocabulary } = this;
    if (random.chance(0.85)) return '';
    const site = vocabulary.kernel.functions.siteOffset(name);
    return random.pick(['+0', '+0x0', '+00', ...(site === 4 ? ['+4', '+0x4', '+04'] : [])]);
  }

  /** A name that stands nearly, or not at all, for something that can be probed. */
  oddSymbol(): string {
    const { random, vocabulary } = this;
    const { name } = this.anyFunction();
    return random.weighted<() => string>([
      [3, () => random.pick(random.pick(vocabulary.special))],
      [2, () => misspell(random, name)],
      [0.5, () => random.pick(vocabulary.data)],
      [0.5, () => random.pick(vocabulary.tracepoints).name],
      [0.5, () => `${random.pick([...vocabulary.moduleNames, 'nomod', 'vmlinux', ''])}:${name}`],
      [
        0.5,
        () =>
          random.pick([
            `.${name}`,
            `${name}:`,
            `${name}.`,
            `__pfx_${name}`,
            `%${name}`,
            `${name}\xe9`,
            `${name}-1`,
          ]),
      ],
      [
        0.3,
        () =>
          random.pick([
            '%return',
            '+10',
            '-',
            '123abc',
            '"x"',
            ':',
            '*',
            'NULL',
            '0',
            '1',
            '0x10',
            '_text',
            '_stext',
            '_etext',
          ]),
      ],
    ])();
  }
}
