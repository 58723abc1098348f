import { appendFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBundle } from '../src/host/index.js';
import type { Kernel } from '../src/kernel/index.js';
import { type Recorded, readCorpus } from '../test/conformance/recorded.js';
import { markOffset } from './code-places.js';
import { type Disagreement, disagreementOn, verdict } from './compare.js';
import { Generator } from './generator.js';
import { Guest, type GuestKernel, writeFactsOfGuest } from './guest.js';
import { minimise } from './minimise.js';
import { readVocabulary } from './vocabulary.js';
import type { Case } from './wire.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What to ask, and of which kernel. */
export interface LoopOptions {
  readonly kernel: GuestKernel;
  readonly seed: number;
  readonly cases: number;
  /** Cases of one boot. */
  readonly portion?: number;
  /** Recorded cases whose accepted definitions are mutated too. */
  readonly corpus?: URL;
  /** Asked instead of generated ones. */
  readonly given?: readonly Case[];
  /** Shrink what disagrees; default true. */
  readonly isMinimised?: boolean;
  /** Gets every answer of the kernel to a case as it comes. */
  readonly onAnswer?: (answer: Recorded) => void;
  /** Gets a line of progress after each boot. */
  readonly onProgress?: (line: string) => void;
}

/** What came out. */
export interface LoopResult {
  readonly asked: number;
  readonly accepted: number;
  /** Cases whose answer depends on the kernel's code bytes (tag `offset`): asked, and how many we answered otherwise. */
  readonly offset: { asked: number; different: number };
  /** Cases on which the guest stopped, alone in a boot. */
  readonly unanswered: Case[];
  /** Cases that disagreed in a crowd and agreed in a fresh boot: the kernel keeps state beyond a deletion. */
  readonly agreedAlone: number;
  /** One smallest case of each cause and how many cases showed it. */
  readonly disagreements: FoundDisagreement[];
}

export interface FoundDisagreement extends Disagreement {
  readonly count: number;
}

/** The facts that one side judges with, and the cases made from them. */
interface Source extends Disposable {
  readonly kernel: Kernel;
  readonly btfSha256: string;
  readonly cases: readonly Case[];
}

/** Asks both sides and compares. Throws a `GuestError` where no guest can be started. */
export async function runLoop(options: LoopOptions): Promise<LoopResult> {
  const { onProgress = () => {}, portion = 3000 } = options;
  const started = Date.now();
  using guest = new Guest(inOrderOfBundle(options.kernel), { cases: portion, seconds: 400 });
  let source = openSource(options, bundleFolder(options.kernel));
  try {
    let answers = await guest.ask(source.cases.slice(0, portion));
    if (!describesGuest(source, guest)) {
      onProgress('the bundle is of another build or other modules: taking the facts from the guest');
      const folder = await takeFacts(guest);
      source[Symbol.dispose]();
      source = openSource(options, folder);
      answers = await guest.ask(source.cases.slice(0, portion));
    }
    const comparison = new Comparison(source.kernel, options.onAnswer);
    for (let at = 0; ; ) {
      comparison.add(source.cases.slice(at, at + portion), answers);
      onProgress(`${comparison.progress()}, ${Math.round((Date.now() - started) / 1000)} s`);
      at += portion;
      if (at >= source.cases.length) break;
      answers = await guest.ask(source.cases.slice(at, at + portion));
    }
    const confirmed = await confirm(guest, source.kernel, comparison.suspects, onProgress);
    const disagreements = await summarise(guest, source.kernel, confirmed, options, onProgress);
    const { suspects, ...counts } = comparison;
    return { ...counts, agreedAlone: suspects.length - confirmed.length, disagreements };
  } finally {
    source[Symbol.dispose]();
  }
}

/** Counts what was asked and keeps what disagrees. */
class Comparison {
  asked = 0;
  accepted = 0;
  readonly offset = { asked: 0, different: 0 };
  readonly unanswered: Case[] = [];
  readonly suspects: Disagreement[] = [];
  readonly #kernel: Kernel;

  readonly #onAnswer: (answer: Recorded) => void;

  constructor(kernel: Kernel, onAnswer: (answer: Recorded) => void = () => {}) {
    this.#kernel = kernel;
    this.#onAnswer = onAnswer;
  }

  add(cases: readonly Case[], answers: readonly (Recorded | undefined)[]): void {
    for (const [index, answer] of answers.entries()) {
      if (answer === undefined) this.unanswered.push(cases[index]!);
      else this.#compare(answer);
    }
  }

  #compare(answer: Recorded): void {
    this.asked++;
    this.#onAnswer(answer);
    if (answer.errno === null) this.accepted++;
    const found = disagreementOn(this.#kernel, answer);
    if (answer.tags?.includes('offset')) {
      this.offset.asked++;
      if (found !== undefined) this.offset.different++;
    } else if (found !== undefined) this.suspects.push(found);
  }

  progress(): string {
    return `${this.asked} asked, ${this.accepted} accepted, ${this.suspects.length} to look at`;
  }
}

function openSource({ seed, cases, corpus, given }: LoopOptions, folder: string): Source {
  const { btfSha256 } = readFacts(folder);
  const kernel = openBundle(folder);
  const recorded = corpus === undefined ? [] : readCorpus(corpus);
  const generator = new Generator(readVocabulary(kernel, folder), seed, recorded);
  const chosen = given?.map(one => markOffset(kernel, one)) ?? generator.take(cases);
  return { kernel, btfSha256, cases: chosen, [Symbol.dispose]: () => kernel[Symbol.dispose]() };
}

function readFacts(folder: string): { btfSha256: string; modules?: string[] } {
  return JSON.parse(readFileSync(join(folder, 'facts.json'), 'utf8'));
}

function bundleFolder({ name, modules }: GuestKernel): string {
  const label = modules.length > 0 ? `${name}+modules` : name;
  return join(root, label === '6.12-cloud' ? 'kernels' : 'test/data/kernels', label);
}

/** The same modules in the order in which the bundle's were loaded: type ids and look-ups follow it. */
function inOrderOfBundle(kernel: GuestKernel): GuestKernel {
  const { modules = [] } = readFacts(bundleFolder(kernel));
  const isSame = [...modules].sort().join() === [...kernel.modules].sort().join();
  return isSame ? { ...kernel, modules } : kernel;
}

/** Whether the bundle is of the very build that was booted, with the modules that were loaded. */
function describesGuest({ btfSha256 }: Source, guest: Guest): boolean {
  const { modules = [] } = readFacts(bundleFolder(guest.kernel));
  return guest.btfSha256 === btfSha256 && guest.kernel.modules.join() === modules.join();
}

async function takeFacts(guest: Guest): Promise<string> {
  const { name, modules } = guest.kernel;
  const ours = bundleFolder(guest.kernel);
  const known = modules.length > 0 ? { modules } : { modules: undefined };
  const model = { ...readFacts(ours), ...known, kernelName: name, moduleBtfSha256: undefined };
  return writeFactsOfGuest(guest.kernel, model, join(root, '.cache/differential', basename(ours)));
}

/**
 * Asks again what disagreed, in fresh boots in which no tracepoint is probed by two cases: a failed `t` keeps its
 * tracepoint until the next boot.
 */
async function confirm(
  guest: Guest,
  kernel: Kernel,
  suspects: readonly Disagreement[],
  onProgress: (line: string) => void,
): Promise<Disagreement[]> {
  const confirmed: Disagreement[] = [];
  let waiting = suspects.map(({ theirs }) => theirs);
  for (let boot = 1; waiting.length > 0; boot++) {
    const taken = new Set<string>();
    const now: Case[] = [];
    const later: Recorded[] = [];
    for (const { def, setup, tags = [], ...rest } of waiting) {
      const places = tracepointsOf([...(setup ?? []), def]);
      const isFree = places.every(place => !taken.has(place));
      for (const place of places) taken.add(place);
      if (isFree || boot > 6) now.push({ def, ...(setup && { setup }), tags });
      else later.push({ def, ...(setup && { setup }), tags, ...rest });
    }
    for (const answer of await guest.ask(now)) {
      const found = answer && disagreementOn(kernel, answer);
      if (found !== undefined) confirmed.push(found);
      else if (answer !== undefined) onProgress(`agreed when asked again: ${JSON.stringify(answer.def)}`);
    }
    onProgress(`${now.length} asked again in a fresh boot, ${confirmed.length} confirmed`);
    waiting = later;
  }
  return confirmed;
}

function tracepointsOf(lines: readonly string[]): string[] {
  return lines.flatMap(text => text.split('\n')).flatMap(line => /^\s*t\S*\s+(\S+)/.exec(line)?.[1] ?? []);
}

/** One smallest example of each cause. */
async function summarise(
  guest: Guest,
  kernel: Kernel,
  confirmed: readonly Disagreement[],
  { isMinimised = true }: LoopOptions,
  onProgress: (line: string) => void,
): Promise<FoundDisagreement[]> {
  const causes = groupByCause(confirmed);
  const groups = [...causes.values()].map(group => group.sort((a, b) => length(a) - length(b)));
  // Three of each: what has one message may have several causes.
  const chosen = groups.flatMap(group =>
    spread(group, isMinimised ? 3 : 20).map(one => ({ ...one, count: group.length })),
  );
  if (!isMinimised || chosen.length === 0) return chosen;
  for (const group of groups)
    onProgress(`${group.length} times ${group[0]!.cause}: ${JSON.stringify(group[0]!.theirs.def)}`);
  onProgress(`minimising ${chosen.length} disagreements of ${groups.length} causes`);
  const smallest = await minimise(guest, kernel, chosen);
  const different = new Map(
    smallest.map((one, i) => [
      JSON.stringify([one.theirs.setup, one.theirs.def]),
      { ...one, count: chosen[i]!.count },
    ]),
  );
  return [...different.values()];
}

function groupByCause(all: readonly Disagreement[]): Map<string, Disagreement[]> {
  const causes = new Map<string, Disagreement[]>();
  for (const one of all) {
    const group = causes.get(one.cause);
    if (group === undefined) causes.set(one.cause, [one]);
    else group.push(one);
  }
  return causes;
}

function length({ theirs: { def, setup = [] } }: Disagreement): number {
  return def.length + setup.join().length;
}

/** The first, one in the middle, and so on. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}

/** A disagreement as people read it. */
export function show({ theirs, ours, cause, count }: FoundDisagreement): string {
  const quote = (text: string): string =>
    JSON.stringify(text).replace(/(.)\1{60,}/g, (run, one) => `${one}{${run.length} times}`);
  const lines = [
    ...(theirs.setup ?? []).map(line => `after   ${quote(line)}`),
    `define  ${quote(theirs.def)}`,
  ];
  lines.push(`kernel  ${verdict(theirs)}`, `ours    ${ours === undefined ? cause : verdict(ours)}`);
  for (const aspect of ['setupErrno', 'log', 'logs', 'listing', 'format'] as const) {
    const [a, b] = [JSON.stringify(theirs[aspect]), JSON.stringify(ours?.[aspect])];
    if (ours !== undefined && a !== b) lines.push(`  kernel's ${aspect}: ${a}`, `  our ${aspect}:      ${b}`);
  }
  return `${count} times: ${cause}\n${lines.map(line => `  ${line}`).join('\n')}\n`;
}

/** Appends the kernel's answers to a file of recorded cases. */
export function save(file: string, answers: readonly Recorded[]): void {
  for (const { enc, ...record } of answers) {
    const isAscii = /^[\0-\x7f]*$/.test(JSON.stringify(Object.values(record)));
    appendFileSync(file, `${JSON.stringify(isAscii ? record : { ...record, enc })}\n`);
  }
}
