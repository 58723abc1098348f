import { expect, test } from 'vitest';
import { openBundle } from '../../../src/host/index.js';
import type { Kernel, RecordLayout } from '../../../src/kernel/index.js';
import {
  compileProbe,
  type LoweredForm,
  type LoweringCode,
  lowerDefinition,
} from '../../../src/language/index.js';
import { caseGroup, readCorpus } from '../../conformance/recorded.js';
import { kernel as cloud } from '../kernel.js';

const old = openBundle(new URL('../../data/kernels/6.1', import.meta.url).pathname);
const corpus = new URL('../../data/conformance/kernel-6.12-cloud.jsonl.gz', import.meta.url);

/** What 6.12 takes of functions and tracepoints, each once. */
const accepted = [
  ...new Set(
    readCorpus(corpus)
      .filter(recorded => recorded.errno === null && caseGroup(recorded) === 'plain')
      .map(({ def }) => def)
      .filter(def => !def.includes('\n')),
  ),
];

interface Answers {
  lowered: number;
  readonly refused: Record<LoweringCode, string[]>;
  /** Lowered lines that the kernel would refuse, or whose records have another layout. */
  readonly wrong: string[];
}

/** Lowers everything, and puts the lines to the judge as a user would. */
function lowerAll(kernel: Kernel, form: LoweredForm): Answers {
  const refused = { definition: [], 'return-arguments': [], 'too-long': [], 'no-form': [], refused: [] };
  const answers: Answers = { lowered: 0, refused, wrong: [] };
  for (const definition of accepted) {
    const lowering = lowerDefinition(kernel, definition, { form });
    if (!lowering.ok) {
      answers.refused[lowering.refusals[0]!.code].push(definition);
      continue;
    }
    answers.lowered++;
    const { event, lowered } = lowering;
    for (const line of lowered.lines.slice(0, 3)) {
      const judgement = compileProbe(kernel, line);
      const layout = judgement.accepted ? judgement.event?.layout : undefined;
      if (layout === undefined || places(layout) !== places(event.layout))
        answers.wrong.push(`${definition}\n    ${line}`);
      if (judgement.accepted) judgement.event?.[Symbol.dispose]();
    }
    event[Symbol.dispose]();
  }
  return answers;
}

function places({ fields }: RecordLayout): string {
  return fields.map(({ name, offset, size }) => `${name} ${offset} ${size}`).join();
}

test('whatever 6.12 takes of functions and tracepoints has a plain form there', () => {
  const { lowered, refused, wrong } = lowerAll(cloud, 'plain');
  expect(wrong).toEqual([]);
  expect(lowered).toBeGreaterThan(2500);
  expect({ ...refused, 'no-form': [], refused: [] }).toEqual({
    definition: [],
    'return-arguments': [],
    'too-long': [],
    'no-form': [],
    refused: [],
  });
  // Tracepoints that are not there, or that no event listens to.
  expect(refused['no-form'].filter(definition => !definition.startsWith('t'))).toEqual([]);
  expect(refused['no-form'].length).toBeLessThan(60);
  // Functions of several of that name, or that kprobes keep away from: an fprobe takes them.
  expect(refused.refused.length).toBeLessThan(12);
}, 300_000);

test('6.1 is told all of it that its own functions and types allow', () => {
  const { lowered, refused, wrong } = lowerAll(old, 'newest');
  expect(wrong).toEqual([]);
  expect(lowered).toBeGreaterThan(1400);
  expect(refused['too-long']).toEqual([]);
  expect(refused['no-form'].filter(definition => !definition.startsWith('t'))).toEqual([]);
  expect(
    refused['return-arguments'].filter(definition => !/%return|^\s*r|\$retval/.test(definition)),
  ).toEqual([]);
  expect(refused.refused.length).toBeLessThan(8);
}, 300_000);
