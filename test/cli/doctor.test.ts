import { expect, test } from 'vitest';
import { jsonLines, run } from './btfprobe.js';

// Of whatever machine this is: the two forms agree, and the exit code is what the ways say. Known machines are in
// test/host/doctor.test.ts, real ones in the guest.

test('text and JSON say the same of this machine, and the exit code says whether it can trace', async () => {
  const [text, json] = await Promise.all([run('doctor'), run('doctor', '--json')]);
  const [report] = jsonLines(json.stdout) as [
    {
      readonly v: number;
      readonly release: string;
      readonly checks: readonly {
        readonly title: string;
        readonly state: string;
        readonly evidence: string;
      }[];
      readonly ways: readonly {
        readonly title: string;
        readonly open: boolean;
        readonly lacks: readonly string[];
      }[];
    },
  ];
  expect(report.v).toBe(1);
  expect(text.stdout.startsWith(`Linux ${report.release}, `)).toBe(true);
  for (const { title, evidence } of report.checks) {
    expect(text.stdout).toContain(title);
    expect(text.stdout).toContain(evidence);
  }
  for (const { title, open, lacks } of report.ways) {
    expect(text.stdout).toContain(`${open ? 'open  ' : 'closed'}  ${title}`);
    expect(lacks.length > 0).toBe(!open);
  }
  const status = report.ways.some(({ open }) => open) ? 0 : 2;
  expect([text.status, json.status]).toEqual([status, status]);
  expect(text.stderr + json.stderr).toBe('');
});
