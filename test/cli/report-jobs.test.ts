import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOutput } from '../../src/cli/file-output.js';
import { openWriter } from '../../src/cli/record-writer.js';
import { openRecording } from '../../src/cli/report-input.js';
import { type JobsOptions, writeWithJobs } from '../../src/cli/report-jobs.js';
import type { SharedTurns } from '../../src/cli/shared-turns.js';
import { SliceWriter } from '../../src/cli/slice-writer.js';
import { bytesSource, type RecordingSlice, TraceDat, TraceDatWriter } from '../../src/formats/index.js';
import { FileSink } from '../../src/host/index.js';
import type { LostEvents } from '../../src/records/index.js';
import { loadRecording } from '../records/recorded.js';
import { run, start } from './btfprobe.js';

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

it('times that step back are read as one thread reads them', async () => {
  const bytes = readFileSync(recording);
  const { contents } = new TraceDat(bytesSource(bytes), {});
  const { pageSize, cpus } = contents.buffers[0]!;
  const { offset, size } = cpus[0]!;
  for (let page = offset + pageSize * 10; page < offset + size; page += pageSize * 7)
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(page) - 1_500_000_000n, page);
  const path = join(folder, 'steps-back.dat');
  writeFileSync(path, bytes);
  const [one, several] = await Promise.all(['1', '2'].map(jobs => run('report', path, '--jobs', jobs)));
  expect(one!.stdout.length).toBeGreaterThan(1_000_000);
  expect(several!.stdout === one!.stdout).toBe(true);
  expect(several!.stderr).toBe(one!.stderr);
}, 120_000);

describe('output that ends early', () => {
  it('is an error where there is no room', async () => {
    const { status, stderr } = await run('report', recording, '--jobs', '2', '--output', '/dev/full');
    expect(stderr).toBe('btfprobe: cannot write /dev/full: no space left on device (ENOSPC)\n');
    expect(status).toBe(2);
  });

  it('is none where nobody reads any more', async () => {
    const { child, ended } = start('report', recording, '--jobs', '2');
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
  });

  it('waits for a reader that is slow, and does not lose any of it', async () => {
    const { bytes } = await written('--jobs', '1');
    const { child, ended } = start('report', recording, '--jobs', '2');
    child.stdout!.pause();
    const counter = spawn('wc', ['-c'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise(resolve => setTimeout(resolve, 300));
    child.stdout!.pipe(counter.stdin);
    const [counted] = (await once(counter.stdout, 'data')) as [Buffer];
    expect(Number(counted)).toBe(bytes.length);
    expect((await ended).status).toBe(0);
  });
});

describe('a second thread', () => {
  /** Writes the recording to a file with another thread, which is here one that takes turns with this one. */
  async function withThread(other: (work: Work) => Promise<JobsOptions['workers']['failure']>) {
    using input = await openRecording(recording, {});
    const { events } = input.recording;
    const printing = { ...input.recording, events, constants: input.constants };
    const path = join(folder, 'with-thread');
    const output = openOutput(path);
    const descriptor = output.descriptor!;
    const sliced = () => input.recording.slices!(events, 1 << 14);
    const writer = await openWriter({ format: 'text', counter: [] }, printing);
    const theirs = await openWriter({ format: 'text', counter: [] }, printing);
    const workers = {
      failure: undefined as Error | undefined,
      troubles: [] as JobsOptions['workers']['troubles'],
      ended: Promise.resolve(),
      begin(slices: readonly RecordingSlice[], turns: SharedTurns) {
        const onTroubles = (one: (typeof this.troubles)[number]) => void this.troubles.push(one);
        const slicesOfIt = new SliceWriter({
          turns,
          sliced: sliced(),
          writer: theirs,
          descriptor,
          onTroubles,
        });
        this.ended = other({ turns, slices, writer: slicesOfIt }).then(failure => {
          this.failure = failure;
          if (failure !== undefined) turns.stop();
        });
      },
      finished() {
        return this.ended;
      },
    };
    let lost = 0;
    const onLost = ({ count = 0 }: LostEvents) => {
      lost += count;
    };
    await writeWithJobs({ sliced: sliced(), writer, output, descriptor, lost: onLost, workers });
    await output.finish();
    return { text: readFileSync(path), lost };
  }

  interface Work {
    readonly turns: SharedTurns;
    readonly slices: readonly RecordingSlice[];
    readonly writer: SliceWriter;
  }

  async function steps(writer: SliceWriter, most: number): Promise<void> {
    for (let step = 0; step < most && writer.step(); step++)
      await new Promise(resolve => setImmediate(resolve));
  }

  it('takes its part', async () => {
    const { bytes, stderr } = await written('--jobs', '1');
    const { text, lost } = await withThread(async ({ writer }) => {
      await steps(writer, Number.POSITIVE_INFINITY);
      return undefined;
    });
    expect(text.equals(bytes)).toBe(true);
    expect(stderr).toContain(`CPU 0 lost events: ${lost} lost`);
  }, 60_000);

  it('that fails with a slice in its hands leaves the rest to the first one', async () => {
    const { bytes, stderr } = await written('--jobs', '1');
    const { text, lost } = await withThread(async ({ writer, turns, slices }) => {
      await steps(writer, 5);
      expect(turns.take()).toBeLessThan(slices.length - 2);
      return new Error('out of memory');
    });
    expect(text.equals(bytes)).toBe(true);
    expect(stderr).toContain(`CPU 0 lost events: ${lost} lost`);
  }, 60_000);

  it('that fails before it has begun does, too', async () => {
    const { bytes } = await written('--jobs', '1');
    const { text } = await withThread(async () => new Error('no such file'));
    expect(text.equals(bytes)).toBe(true);
  }, 60_000);

  it('that fails while it writes ends all: what is written is not known', async () => {
    const failure = new Error('out of memory');
    const writing = withThread(async ({ turns }) => {
      const dies = () =>
        turns.write([], () => {
          throw failure;
        });
      expect(turns.take()).toBe(0);
      expect(dies).toThrow(failure);
      return failure;
    });
    await expect(writing).rejects.toBe(failure);
  }, 60_000);
});
