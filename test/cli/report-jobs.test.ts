import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TraceDatWriter } from '../../src/formats/index.js';
import { FileSink } from '../../src/host/index.js';
import { loadRecording } from '../records/recorded.js';
import { run } from './btfprobe.js';

let folder: string;
let recording: string;

/** 68,143 records of a real kernel as a trace.dat, with losses. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-jobs-'));
  recording = join(folder, 'trace.dat');
  const { capture, symbols } = loadRecording('6.12-cloud-static');
  using sink = new FileSink(recording);
  const { events, cpus } = capture;
  const writer = new TraceDatWriter(sink, {
    events,
    cpus,
    release: '6.12.117',
    machine: 'x86_64',
    clock: 'local',
    symbols,
  });
  let batches = 0;
  for (const { records } of capture.batches()) {
    const lost = batches++ % 2 === 1 ? [{ cpu: cpus[0]!, count: batches }] : [];
    writer.batch({ records, lost });
  }
  writer.finish();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function written(...args: readonly string[]): Promise<{ bytes: Buffer; stderr: string }> {
  const file = join(folder, 'output');
  const { status, stderr } = await run('report', recording, '--output', file, ...args);
  expect(status).toBe(0);
  return { bytes: readFileSync(file), stderr };
}

it.each([
  { format: 'text', jobs: 3, more: [] },
  { format: 'json', jobs: 2, more: [] },
  { format: 'csv', jobs: 2, more: ['-e', 'irq', '-e', 'sched_switch'] },
])(
  'several threads write $format as one does',
  async ({ format, jobs, more }) => {
    const one = await written('--format', format, '--jobs', '1', ...more);
    const several = await written('--format', format, '--jobs', String(jobs), ...more);
    expect(one.bytes.length).toBeGreaterThan(300_000);
    expect(several.bytes.equals(one.bytes)).toBe(true);
    expect(several.stderr).toBe(one.stderr);
    expect(one.stderr).toMatch(/CPU 0 lost events: \d+ lost/);
  },
  120_000,
);
