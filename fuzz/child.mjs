// Runs cases one after another, for main.mjs, which watches it: what hangs or kills this process is not noticed here.

import { createHash } from 'node:crypto';
import { existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openLoader } from '../scripts/load-typescript.mjs';

const { target, seed, first, until, status, folder, onlySave, replay } = JSON.parse(process.argv[2]);

const loader = await openLoader();
const { decodeCase, encodeCase, makeCase, sizeOf, runCase } = await loader.load('/fuzz/case.ts');

/** Besides ten times the input: what the engine takes for any case, garbage not yet collected included. */
const CONSTANT_MEMORY = 128 << 20;

function save(parts, about, signature) {
  const file = join(
    folder,
    `${target}-${createHash('sha256').update(signature).digest('hex').slice(0, 12)}.json.gz`,
  );
  if (existsSync(file)) return false;
  writeFileSync(file, encodeCase({ target, about, parts }));
  console.log(JSON.stringify({ found: file, about }));
  return true;
}

/** Runs one case: `undefined`, or what is wrong, and a text that is the same for the same cause. */
function check(name, parts) {
  const before = process.memoryUsage.rss();
  const outcome = runCase(name, parts);
  const peak = process.resourceUsage().maxRSS * 1024;
  const key = outcome.kind === 'refused' ? outcome.code : outcome.kind;
  outcomes[key] = (outcomes[key] ?? 0) + 1;
  if (outcome.kind === 'stray') {
    const stack = String(outcome.error?.stack ?? outcome.error);
    const cause = stack.replaceAll(/\d+/g, 'N').split('\n').slice(0, 3).join('\n');
    return { about: stack.split('\n').slice(0, 8).join('\n'), signature: cause };
  }
  const taken = peak - before;
  const bytes = sizeOf(parts);
  if (peak > highest && taken > CONSTANT_MEMORY + 10 * bytes) {
    highest = peak;
    return { about: `${taken >> 20} MiB for ${bytes} bytes`, signature: `memory ${taken >> 24}` };
  }
  highest = Math.max(highest, peak);
  return undefined;
}

let highest = 0;
const outcomes = {};

if (replay !== undefined) {
  for (const file of replay) {
    const { target: name, parts, about } = decodeCase(readFileSync(file));
    console.log(`${file}: kept for ${about.split('\n')[0]}`);
    const start = performance.now();
    const wrong = check(name, parts);
    console.log(
      `  ${Math.round(performance.now() - start)} ms; ${wrong === undefined ? 'well' : wrong.about}`,
    );
    if (wrong !== undefined) process.exitCode = 1;
  }
} else if (onlySave !== undefined) {
  save(makeCase(target, seed, first), onlySave, `${onlySave} ${seed} ${first}`);
} else {
  const file = openSync(status, 'r+');
  const word = new Float64Array(2);
  let slowest = 0;
  let index = first;
  for (; Date.now() < until; index++) {
    word.set([index, Date.now()]);
    writeSync(file, word, 0, 16, 0);
    const parts = makeCase(target, seed, index);
    const start = performance.now();
    const wrong = check(target, parts);
    slowest = Math.max(slowest, performance.now() - start);
    if (wrong !== undefined) save(parts, `seed ${seed} case ${index}: ${wrong.about}`, wrong.signature);
    if (index % 100 === 99) globalThis.gc();
  }
  console.log(JSON.stringify({ done: index, slowest: Math.round(slowest), peak: highest, outcomes }));
}
await loader.close();
