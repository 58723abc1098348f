import type { Btf, TypeId } from '../src/btf/index.js';
import { type Wanted, walk } from './chains.js';
import {
  allTypes,
  argumentName,
  arrayType,
  bitfieldType,
  fittingType,
  hex,
  numberText,
  oddNumber,
  oddType,
  offsetText,
  registers,
} from './pieces.js';
import type { Place } from './places.js';
import type { Random, Weighted } from './random.js';
import { structBehind, type Vocabulary } from './vocabulary.js';

/** A fetch text without a type, and what BTF knows of its value. */
interface Value {
  readonly text: string;
  readonly btf?: Btf;
  readonly type?: TypeId;
  /** `$comm` and constant texts, which have a type of their own. */
  readonly isText?: boolean;
}

/** Writes arguments that suit a place, most of the time. */
export class Values {
  constructor(
    readonly random: Random,
    readonly vocabulary: Vocabulary,
  ) {}

  /** Arguments of different names, as many as users write, sometimes more. */
  arguments(place: Place, count = this.#count()): string[] {
    const { random } = this;
    const used = new Set<string>();
    const list: string[] = [];
    for (let i = 0; i < count; i++) {
      const hasParameters = (place.probe?.parameters.length ?? 0) > 0;
      if (hasParameters && random.chance(0.06) && !list.includes('$arg*')) {
        list.push('$arg*');
        continue;
      }
      const body = this.typed(place);
      let name = argumentName(random);
      const automatic = body.split(':')[0]!;
      if (used.has(name === '' ? automatic : name) && random.chance(0.95)) name = `n${i}`;
      used.add(name === '' ? automatic : name);
      list.push(name === '' ? body : `${name}=${body}`);
    }
    if (place.kind === 'f-retval' && !list.some(text => /\$retval(?!\w)/.test(text))) list.push('$retval');
    return list;
  }

  #count(): number {
    return this.random.weighted([
      [2, 0],
      [9, 1],
      [5, 2],
      [3, 3],
      [1, this.random.between(4, 8)],
      [0.05, this.random.between(9, 30)],
    ]);
  }

  /** A value, dereferenced or not, with a type or without. */
  typed(place: Place): string {
    const { random } = this;
    const value = this.value(place);
    if (value.isText)
      return (
        value.text +
        random.weighted([
          [7, ''],
          [3, ':string'],
          [0.5, `:${random.pick(allTypes)}`],
        ])
      );
    const depth = random.weighted([
      [8, 0],
      [2, 1],
      [1, 2],
      [0.5, 3],
      [0.1, random.between(4, 9)],
    ]);
    let text = value.text;
    for (let i = 0; i < depth; i++) text = `${offsetText(random)}(${text})`;
    const known = depth === 0 ? value : undefined;
    return (
      text +
      random.weighted<() => string>([
        [known?.type === undefined ? 3 : 6, () => ''],
        [6, () => `:${fittingType(random, known?.btf, known?.type)}`],
        [0.8, () => `:${random.pick(allTypes)}`],
        [0.5, () => `:${arrayType(random, random.pick(allTypes))}`],
        [0.6, () => `:${bitfieldType(random)}`],
        [0.3, () => `:${oddType(random)}`],
        [0.25, () => random.pick([':%pd', ':%pD'])],
      ])()
    );
  }

  /** A value without a type. */
  value(place: Place): Value {
    const options: Weighted<() => Value>[] = [
      ...this.#parameters(place),
      ...this.#returned(place),
      ...this.#eventFields(place),
      ...this.#machine(place),
    ];
    return this.random.weighted(options)();
  }

  /** A parameter and a chain of members behind it. */
  chain(place: Place, length: number, wanted: Wanted): Value | undefined {
    const { probe } = place;
    if (probe === undefined) return undefined;
    const starts = probe.parameters.filter(({ type }) => structBehind(probe.btf, type) !== undefined);
    const isReturned = place.isReturn && structBehind(probe.btf, probe.returns) !== undefined;
    if (isReturned && (starts.length === 0 || this.random.chance(0.5)))
      starts.push({ name: '$retval', type: probe.returns });
    if (starts.length === 0) return undefined;
    const start = this.random.pick(starts);
    const chain = walk(this.random, probe.btf, start.type, length, wanted);
    return chain === undefined ? undefined : { ...chain, text: start.name + chain.text };
  }

  #parameters(place: Place): Weighted<() => Value>[] {
    const { random } = this;
    const { probe } = place;
    if (probe === undefined)
      return place.kind === 'u' || place.kind === 'e'
        ? []
        : [[1, () => ({ text: `$arg${random.between(1, 7)}` })]];
    if (probe.parameters.length === 0) return [];
    const parameter = (): Value => {
      const { name, type } = random.pick(probe.parameters);
      return { text: name, btf: probe.btf, type };
    };
    const numbered = (): Value => {
      const n = random.between(1, probe.parameters.length);
      return { text: `$arg${n}`, btf: probe.btf, type: probe.parameters[n - 1]!.type };
    };
    const chained = (): Value => this.chain(place, this.chainLength(), this.wanted()) ?? parameter();
    return [
      [5, parameter],
      [16, chained],
      [1.5, numbered],
    ];
  }

  chainLength(): number {
    return this.random.weighted([
      [4, 1],
      [4, 2],
      [3, 3],
      [2, 4],
      [1, 6],
      [0.5, 9],
    ]);
  }

  wanted(): Wanted {
    return this.random.weighted<Wanted>([
      [5, 'anything'],
      [2, 'bitfield'],
      [2, 'text'],
      [0.7, 'pointer'],
      [0.7, 'array'],
      [0.7, 'enum'],
    ]);
  }

  #returned({ isReturn, probe }: Place): Weighted<() => Value>[] {
    if (!isReturn) return [];
    return [[4, () => ({ text: '$retval', ...(probe && { btf: probe.btf, type: probe.returns }) })]];
  }

  #eventFields({ event }: Place): Weighted<() => Value>[] {
    const { random } = this;
    if (event === undefined) return [];
    const names = event.fields.map(({ name }) => name);
    return [[12, () => ({ text: `$${names.length > 0 ? random.pick(names) : 'comm'}` })]];
  }

  #machine({ kind }: Place): Weighted<() => Value>[] {
    const { random } = this;
    const { data } = this.vocabulary;
    const isUser = kind === 'u';
    const options: Weighted<() => Value>[] = [
      [1, () => ({ text: random.pick(['$comm', '$comm', '$COMM']), isText: true })],
      [0.7, () => ({ text: `\\${numberText(random)}` })],
      [0.6, () => ({ text: `\\"${random.identifier(random.between(1, 12))}"`, isText: true })],
    ];
    if (kind !== 'e') {
      options.push([1, () => ({ text: `$stack${random.below(20)}` })], [0.6, () => ({ text: '$stack' })]);
    }
    if (isUser) {
      options.push(
        [1.5, () => ({ text: `@+${numberText(random)}` })],
        [1, () => ({ text: `@${hex(random.below(1 << 30))}` })],
      );
    } else {
      options.push(
        [1, () => ({ text: `@${random.pick(data)}` })],
        [
          0.5,
          () => ({
            text: `@${random.pick(data)}${random.pick('+-')}${random.pick([String(random.below(64)), numberText(random), oddNumber(random)])}`,
          }),
        ],
        [0.4, () => ({ text: `@${hex(0xffffffff81000000n + BigInt(random.below(1 << 20)))}` })],
        [0.2, () => ({ text: `@${numberText(random)}` })],
      );
    }
    if (/^[pru]/.test(kind)) options.push([isUser ? 6 : 1.5, () => ({ text: `%${random.pick(registers)}` })]);
    return options;
  }
}
