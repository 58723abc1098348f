// Asks a real kernel and our own judge what they make of generated definitions, and prints every disagreement
// minimised (docs/differential.md). Exit status: 0 they agree, 1 disagreements are left, 2 wrong use or no guest.
//
//   npm run differential -- [--kernel NAME] [--modules A,B] [--seed N] [--cases N] [--portion N] [--save FILE]
//     [--full]                                        does not minimise
//   npm run differential -- --definitions FILE      asks the cases of a file: {"def", "setup"} or a definition a line
import { existsSync, readFileSync } from 'node:fs';
import { openLoader } from '../scripts/load-typescript.mjs';
import { checkWholeNumbers, readOptions } from '../scripts/options.mjs';

const options = {
  kernel: { type: 'string', default: '6.12-cloud' },
  modules: { type: 'string', default: '' },
  seed: { type: 'string', default: '1' },
  cases: { type: 'string', default: '2000' },
  portion: { type: 'string', default: '3000' },
  save: { type: 'string' },
  definitions: { type: 'string' },
  full: { type: 'boolean', default: false },
};
const values = readOptions('differential', options, given => {
  checkWholeNumbers(given, 'seed', 'cases', 'portion');
  if (given.definitions !== undefined && !existsSync(given.definitions))
    throw new TypeError(`there is no file ${given.definitions}`);
});

const loader = await openLoader();
const { runLoop, show, save } = await loader.load('/differential/loop.ts');

/** Cases of a file, as byte strings. */
function readCases(file) {
  const lines = readFileSync(file, 'latin1')
    .split('\n')
    .filter(line => line !== '');
  return lines.map(line => ({ tags: [], ...(line.startsWith('{') ? JSON.parse(line) : { def: line }) }));
}

const corpus = new URL(`../test/data/conformance/kernel-${values.kernel}.jsonl.gz`, import.meta.url);
try {
  const answers = [];
  const result = await runLoop({
    onAnswer: answer => answers.push(answer),
    kernel: { name: values.kernel, modules: values.modules === '' ? [] : values.modules.split(',') },
    seed: Number(values.seed),
    cases: Number(values.cases),
    portion: Number(values.portion),
    isMinimised: !values.full,
    ...(values.definitions !== undefined && { given: readCases(values.definitions) }),
    ...(existsSync(corpus) && { corpus }),
    onProgress: line => console.error(`differential: ${line}`),
  });
  for (const found of result.disagreements) console.log(show(found));
  for (const one of result.unanswered) console.log(`the guest stopped on ${JSON.stringify(one)}\n`);
  const kept = values.definitions === undefined ? result.disagreements.map(({ theirs }) => theirs) : answers;
  if (values.save !== undefined) save(values.save, kept);
  const { asked, accepted, offset, agreedAlone, disagreements } = result;
  const cases = disagreements.length;
  console.log(
    `seed ${values.seed}: ${asked} asked, ${accepted} accepted, ${cases} disagreements, ${agreedAlone} agreed when asked again, ` +
      `${offset.different} of ${offset.asked} that depend on code bytes`,
  );
  process.exitCode = disagreements.length + result.unanswered.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error.name === 'GuestError' ? `differential: ${error.message}` : error);
  process.exitCode = 2;
} finally {
  await loader.close();
}
