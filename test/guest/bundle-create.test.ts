import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openBundle, summarizeBundle } from '../../src/host/index.js';
import { type Answer, answerQuestion, type Question } from '../../src/language/index.js';
import { type Recorded, readCorpus } from '../conformance/recorded.js';
import { bootGuest } from './guest.js';

/** What the script reports: fixtures/make-bundle.mjs. */
interface Made {
  readonly created: { readonly release: string; readonly missing: readonly { readonly part: string }[] };
  readonly before: object;
  readonly after: object;
}

interface Facts {
  readonly release: string;
  readonly version: string;
  readonly btfSha256: string;
  readonly modules: readonly string[];
  readonly symbols: number;
  readonly functions: number;
  readonly events: number;
  readonly readmeHasFprobe: boolean;
}

const cache =
  process.env.GUEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kernel-guest');

/** Where Debian's package has the configuration that an installed kernel shows in `/boot`. */
function configOf(kernel: string): Record<string, string> {
  const boot = join(cache, 'kernels', kernel, 'boot');
  const name = readdirSync(boot).find(file => file.startsWith('config-'))!;
  return { [`/boot/${name}`]: join(boot, name) };
}

/** Every n-th recorded question but those on files of a machine, which bundles of `bundle create` do not know. */
function sample(corpus: string, count: number): readonly Question[] {
  const uses = ({ def, setup, tags }: Recorded) =>
    !tags?.includes('offset') && [def, ...(setup ?? [])].every(text => !/^\s*[pr]\S*\s+\S*\//.test(text));
  const cases = readCorpus(`test/data/conformance/${corpus}.jsonl.gz`).filter(uses);
  const step = Math.floor(cases.length / count);
  return cases
    .filter((_, index) => index % step === 0)
    .map(({ def, setup, enc, control }) => ({
      def,
      ...(setup && { setup }),
      ...(enc && { enc }),
      ...(control && { control }),
    }));
}

describe.each([
  { kernel: '6.12-cloud', recorded: 'kernels/6.12-cloud', config: true },
  { kernel: '6.1', recorded: 'test/data/kernels/6.1', config: false },
] as const)('a bundle that is made on the $kernel kernel', ({ kernel, recorded, config }) => {
  let bundle: string;
  let made: Made;
  let facts: Facts;
  let answers: readonly Answer[];
  let questions: readonly Question[];

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'btfprobe-made-'));
    bundle = join(folder, 'made.btfbundle');
    questions = sample(`kernel-${kernel}`, 400);
    writeFileSync(join(folder, 'questions.json'), JSON.stringify(questions));
    const { results, output } = await bootGuest({
      kernel,
      script: 'make-bundle.mjs',
      files: { '/data/questions.json': join(folder, 'questions.json'), ...(config && configOf(kernel)) },
      taken: { '/tmp/made.btfbundle': bundle },
      // As when the shipped bundle was made: then addresses are equal, too.
      parameters: 'nokaslr no_hash_pointers',
    });
    expect((results.made as { failed?: string }).failed, output).toBeUndefined();
    ({ made, facts, answers } = results as unknown as { made: Made; facts: Facts; answers: Answer[] });
    return () => rmSync(folder, { recursive: true });
  });

  test('lacks what this kernel does not show, and nothing else', () => {
    const missing = kernel === '6.1' ? ['available_filter_functions_addrs', 'config'] : [];
    expect(made.created.missing.map(({ part }) => part).sort()).toEqual(missing);
  });

  test('was made without a trace', () => {
    expect(made.after).toEqual(made.before);
  });

  test('tells the facts of the machine', () => {
    const summary = summarizeBundle(bundle, { cache: false });
    expect(summary).toMatchObject({
      release: facts.release,
      version: facts.version,
      btfSha256: facts.btfSha256,
      modules: facts.modules,
      possibleCpus: 2,
      dialectFrom: 'README',
    });
    expect(summary.dialect.fprobe).toBe(facts.readmeHasFprobe);
    const counts = new Map(summary.parts.map(({ name, count }) => [name, count]));
    expect(counts.get('available_filter_functions')).toBe(facts.functions);
    expect(counts.get('available_events')).toBe(facts.events);
    // Probes and programs come and go while they are counted.
    expect(Math.abs(counts.get('kallsyms')! - facts.symbols)).toBeLessThan(20);
  });

  test('answers as the machine itself does', () => {
    using opened = openBundle(bundle, { cache: false });
    expect(answers).toHaveLength(questions.length);
    for (const [index, question] of questions.entries()) {
      expect(answerQuestion(opened, question)).toEqual(answers[index]);
    }
    expect(answers.filter(({ errno }) => errno === null).length).toBeGreaterThan(100);
  });

  test('answers as the bundle that was recorded, if it is of the same build', () => {
    const { btfSha256 } = JSON.parse(readFileSync(join(recorded, 'facts.json'), 'utf8')) as {
      btfSha256: string;
    };
    using opened = openBundle(bundle, { cache: false });
    using other = openBundle(recorded, { cache: false });
    expect(opened.arch).toBe(other.arch);
    const compared = facts.btfSha256 === btfSha256 ? questions : [];
    for (const question of compared) {
      expect(answerQuestion(opened, question)).toEqual(answerQuestion(other, question));
    }
  });
});
