import { expect, test } from 'vitest';
import { runLoop, show } from '../../differential/loop.js';

/** A number that is another one each day. */
function dayOfYear(): number {
  const now = new Date();
  return Math.floor((now.getTime() - Date.UTC(now.getUTCFullYear(), 0, 0)) / 86_400_000);
}

test('fresh definitions are answered as the kernel answers them', async () => {
  const seed = dayOfYear();
  const result = await runLoop({
    kernel: { name: '6.12-cloud', modules: [] },
    seed,
    cases: 400,
    corpus: new URL('../data/conformance/kernel-6.12-cloud.jsonl.gz', import.meta.url),
    isMinimised: false,
  });
  console.log(`differential: seed ${seed}, ${result.asked} asked, ${result.accepted} accepted`);
  expect(result.asked + result.unanswered.length).toBe(400);
  expect(result.accepted).toBeGreaterThan(40);
  expect(result.disagreements.map(show).join('\n'), `again: npm run differential -- --seed ${seed}`).toBe('');
  expect(result.unanswered).toEqual([]);
});
