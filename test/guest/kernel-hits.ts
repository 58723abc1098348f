import { parseTraceLine } from './trace-lines.js';

/** What `compareWithKernel` of fixtures/bpf-values.mjs reports. */
export interface TwoSides {
  /** Lines that btfprobe prints, each with the arguments that could not be read. */
  readonly ours: readonly (readonly [line: string, unread: readonly string[]])[];
  /** Lines that the kernel prints. */
  readonly theirs: readonly string[];
  /** Names of each event's arguments. */
  readonly args: Readonly<Record<string, readonly string[]>>;
  /** Definitions that the kernel was told in other words. */
  readonly changed: readonly { readonly definition: string; readonly lines: readonly string[] }[];
  /** Definitions that it cannot be told, traced by eBPF alone. */
  readonly refused: readonly {
    readonly definition: string;
    readonly event: string;
    readonly codes: readonly string[];
  }[];
  readonly lost: number;
  readonly lostByTwins: readonly number[];
}

/** How the hits of both sides compare. */
export interface Compared {
  /** Hits that both sides have, by event. */
  readonly hits: ReadonlyMap<string, number>;
  /** Values that both sides show alike. */
  readonly values: number;
  /** Numbers that eBPF could not read: the kernel shows what lay in its buffer instead. */
  readonly unread: number;
  /** Texts that eBPF could not reach: the kernel shows the text behind them instead. */
  readonly unreached: number;
  readonly differences: readonly string[];
}

/**
 * Compares the values of all hits, record for record: the n-th hit of an event in a thread on one side is the n-th on the
 * other. Not compared are the time, the CPU (a thread may move between both probes of a place), flags, the place, and the
 * task's name, which the kernel looks up when its text is read.
 */
export function compareHits({ ours, theirs, args, refused }: TwoSides): Compared {
  const left = byThread(ours, args);
  const right = byThread(
    theirs.map(line => [line, []]),
    args,
  );
  const compared = {
    hits: new Map<string, number>(),
    values: 0,
    unread: 0,
    unreached: 0,
    differences: [] as string[],
  };
  const alone = new Set(refused.map(({ event }) => event));
  for (const thread of new Set([...left.keys(), ...right.keys()])) {
    const event = thread.split(' ')[0]!;
    if (alone.has(event)) continue;
    const [a, b] = [left.get(thread) ?? [], right.get(thread) ?? []];
    if (a.length !== b.length)
      compared.differences.push(`${thread}: ${a.length} hits here, ${b.length} there`);
    compared.hits.set(event, (compared.hits.get(event) ?? 0) + Math.min(a.length, b.length));
    a.slice(0, b.length).forEach((hit, index) => {
      for (const [name, value] of hit.values) {
        const other = b[index]!.values.get(name);
        if (hit.unread.has(name) && value !== '(fault)') compared.unread++;
        else if (withoutModuleSizes(value) === withoutModuleSizes(other)) compared.values++;
        else if (value === '(fault)' && other === textBehind(b[index]!, name)) compared.unreached++;
        else compared.differences.push(`${thread} #${index}: ${name}=${value} here, ${other} there`);
      }
    });
  }
  return compared;
}

interface Hit {
  readonly values: ReadonlyMap<string, string>;
  readonly unread: ReadonlySet<string>;
}

function byThread(lines: TwoSides['ours'], args: TwoSides['args']): Map<string, Hit[]> {
  const threads = new Map<string, Hit[]>();
  for (const [line, unread] of lines) {
    const { task, event, text } = parseTraceLine(line);
    const thread = `${event} ${/\d+$/.exec(task)![0]}`;
    const hits = threads.get(thread) ?? [];
    hits.push({ values: valuesOf(text, args[event]!), unread: new Set(unread) });
    threads.set(thread, hits);
  }
  return threads;
}

/** The arguments in an event's text, by name. */
function valuesOf(text: string, names: readonly string[]): Map<string, string> {
  const pattern = names.map(name => ` ${name}=(.*?)`).join('');
  const match = new RegExp(`^\\(.*?\\)${pattern}$`, 's').exec(text);
  if (match === null) throw new Error(`these are not the values of ${names}: ${text}`);
  return new Map(names.map((name, index) => [name, match[index + 1]!]));
}

/** How far a module's data symbols reach the kernel counts from the end of the module's code, and may come below zero. */
function withoutModuleSizes(value: string | undefined): string | undefined {
  return value?.replace(/\/0x[\da-f]+(?= \[\w+\])/g, '');
}

/** The next text of a record. */
function textBehind({ values }: Hit, name: string): string | undefined {
  const names = [...values.keys()];
  const behind = names.slice(names.indexOf(name) + 1).map(next => values.get(next)!);
  return behind.find(value => value.startsWith('"'));
}
