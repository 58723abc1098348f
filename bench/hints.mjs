// How much processor time a hint takes in a warm process: every diagnostic of 1,000 mistyped names (test/language/typos.ts), and the
// quality of what is offered. Needs `npm run build` before.
//   node bench/hints.mjs [COUNT] [SEED]

import { openBuiltInKernel } from '../dist/host/index.js';
import { compileProbe, hintsFor, warningsFor } from '../dist/language/index.js';
import { openLoader } from '../scripts/load-typescript.mjs';

const count = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? 1);
const loader = await openLoader();
const { typos } = await loader.load('/test/language/typos.ts');
const kernel = openBuiltInKernel('6.12-cloud');
const lines = typos(kernel, seed, count);
await loader.close();

function suggestions(definition) {
  const judgement = compileProbe(kernel, definition);
  const start = process.cpuUsage();
  const found = judgement.accepted
    ? warningsFor(kernel, definition, judgement.event)
    : [hintsFor(kernel, definition, judgement.diagnostics[0])];
  const { user, system } = process.cpuUsage(start);
  const milliseconds = (user + system) / 1000;
  if (judgement.accepted) judgement.event?.[Symbol.dispose]();
  return {
    milliseconds,
    names: found.flatMap(({ suggestions: all }) => all.map(({ replacement }) => replacement)),
  };
}

// The first ones read lists and build indexes; a warm process has them.
for (const { definition } of lines.slice(0, 100)) suggestions(definition);
const rows = new Map();
for (const { sort, intended, definition } of lines) {
  const { milliseconds, names } = suggestions(definition);
  for (const key of [sort, 'all']) {
    const row = rows.get(key) ?? { times: [], first: 0, three: 0 };
    rows.set(key, row);
    row.times.push(milliseconds);
    if (names[0] === intended) row.first++;
    if (names.slice(0, 3).includes(intended)) row.three++;
  }
}
console.log('| names | lines | first | among three | median ms | 99 % ms | longest ms |');
console.log('|---|---|---|---|---|---|---|');
for (const [key, { times, first, three }] of rows) {
  times.sort((a, b) => a - b);
  const at = part => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(2);
  const percent = part => `${((100 * part) / times.length).toFixed(1)} %`;
  console.log(
    `| ${key} | ${times.length} | ${percent(first)} | ${percent(three)} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`,
  );
}
