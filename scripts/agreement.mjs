// Compares our answers with those that real kernels gave (test/data/conformance), and prints the disagreements by
// group and by cause.
//
//   npm run agreement                  counts
//   npm run agreement -- --cases       each disagreement with its definition
//   npm run agreement -- --write       also writes test/conformance/baseline.json and the tables of docs/agreement.md
import { readFileSync, writeFileSync } from 'node:fs';
import { openLoader } from './load-typescript.mjs';

const flags = process.argv.slice(2);
const unknown = flags.find(flag => flag !== '--write' && flag !== '--cases');
if (unknown !== undefined) {
  console.error(`agreement: unknown argument ${unknown} (known: --cases, --write)`);
  process.exit(2);
}
const root = new URL('..', import.meta.url);
const baselineFile = new URL('test/conformance/baseline.json', root);
const documentFile = new URL('docs/agreement.md', root);

const loader = await openLoader();
const { corpora, measureAgreement, countCauses } = await loader.load('/test/conformance/agreement.ts');

const baseline = {};
const tables = [];
for (const [name, corpus] of Object.entries(corpora)) {
  const { groups, disagreements } = measureAgreement(corpus);
  baseline[name] = groups;
  tables.push(table(name, groups, countCauses(disagreements)));
  if (!flags.includes('--cases')) continue;
  for (const { group, recorded, cause } of disagreements) {
    const { def, setup } = recorded;
    console.log(
      `${name}\t${group}\t${cause}\t${setup ? `${JSON.stringify(setup)} then ` : ''}${JSON.stringify(def)}`,
    );
  }
}
await loader.close();
console.log(tables.join('\n'));
if (flags.includes('--write')) {
  writeFileSync(baselineFile, `${JSON.stringify(baseline, null, 2)}\n`);
  const document = readFileSync(documentFile, 'utf8');
  const generated = `<!-- counts: npm run agreement -- --write -->\n\n${tables.join('\n')}\n<!-- end of counts -->`;
  writeFileSync(
    documentFile,
    document.replace(/<!-- counts[\s\S]*<!-- end of counts -->/, () => generated),
  );
}

function table(name, groups, causes) {
  const total = { cases: 0, disagreements: 0 };
  const rows = Object.entries(groups).map(([group, count]) => {
    total.cases += count.cases;
    total.disagreements += count.disagreements;
    return row(group, count);
  });
  const lines = [
    `### ${name}`,
    '',
    '| group | cases | disagreements | agree |',
    '|---|---|---|---|',
    ...rows,
    row('all', total),
    '',
  ];
  if (causes.length > 0)
    lines.push('| group | disagreements | what differs | first example |', '|---|---|---|---|');
  for (const { group, cause, count, example } of causes) {
    lines.push(
      `| ${group} | ${count} | ${cell(cause)} | \`${cell(JSON.stringify(example).slice(1, -1))}\` |`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Text that ends no table cell, shortened. */
function cell(text) {
  const short = text.length > 120 ? `${text.slice(0, 117)}...` : text;
  return short.replaceAll('|', '\\|').replaceAll('`', "'");
}

function row(group, { cases, disagreements }) {
  // Never rounded up to a perfect score.
  const agree = Math.floor((1 - disagreements / cases) * 10_000) / 100;
  return `| ${group} | ${cases} | ${disagreements} | ${agree.toFixed(2)} % |`;
}
