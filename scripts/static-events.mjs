// Records the kernel's own events in a guest and compares the text of `report` with the kernel's own, line by line
// (docs/cli.md#report). Exit status: 0 at most 1 % of the event types differ, 1 more do, 2 wrong use or no guest.
//
//   npm run static-events -- [--kernel 6.12-cloud] [--keep]
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLoader } from './load-typescript.mjs';
import { readOptions } from './options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const MOST_DIFFERENT = 0.01;

const options = {
  kernel: { type: 'string', default: '6.12-cloud' },
  keep: { type: 'boolean', default: false },
};
const values = readOptions('static-events', options);
const loader = await openLoader();
try {
  const { readLatin1, recordStaticEvents } = await loader.load('/test/guest/static-events.ts');
  const { compareTexts } = await loader.load('/test/records/compare-texts.ts');
  const isBuiltIn = values.kernel === '6.12-cloud';
  const folder = await recordStaticEvents(values.kernel, !isBuiltIn);
  const capture = join(folder, 'capture');
  const kernel = isBuiltIn ? values.kernel : join(folder, 'kernel.btfbundle');
  const text = join(folder, 'report.txt');
  const report = ['report', capture, '--kernel', kernel, '--output', text];
  // A guest's kernel does not tell how it was configured; Debian's all tick so often.
  if (!isBuiltIn) report.push('--constant', 'HZ=250');
  execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), ...report], { stdio: 'inherit' });
  const { lines, events, different } = compareTexts(readLatin1(text), readLatin1(join(capture, 'trace.txt')));
  for (const [event, { count, ours, theirs }] of different)
    console.log(`${event}: ${count} lines differ\n  ours    ${ours}\n  kernel  ${theirs}`);
  const share = different.size / events.size;
  console.log(
    `${values.kernel}: ${lines} records of ${events.size} event types, ${different.size} types differ (${(100 * share).toFixed(2)} %)`,
  );
  if (values.keep) console.log(`kept: ${folder}`);
  else rmSync(folder, { recursive: true });
  process.exitCode = share <= MOST_DIFFERENT ? 0 : 1;
} catch (error) {
  console.error(`static-events: ${error.message}`);
  process.exitCode = 2;
} finally {
  await loader.close();
}
