import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PageWriter } from '../../src/records/index.js';
import { drawnOf } from '../formats/drawn.js';
import { packageRoot } from '../package/built.js';
import { compareTexts } from '../records/compare-texts.js';
import { loadRecording } from '../records/recorded.js';
import { jsonLines, run } from './btfprobe.js';

const traces = fileURLToPath(new URL('../data/traces/', import.meta.url));
const symstr = join(traces, '6.12-cloud-symstr');
const kernel = ['--kernel', '6.12-cloud'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'btfprobe-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A capture of two records with a known and an unknown loss, and of one of an event that no format is known of. */
function lossyCapture(): string {
  const { files } = loadRecording('6.12-cloud-symstr');
  const path = join(folder, 'lossy');
  mkdirSync(path);
  for (const name of ['header_page', 'header_event']) writeFileSync(join(path, name), files.get(name)!);
  writeFileSync(
    join(path, 'formats.txt'),
    `@@ grp/ev\nname: ev\nID: 77\nformat:\n${[
      '\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;',
      '\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;',
      '\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;',
      '\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;',
      '',
      '\tfield:u64 x;\toffset:8;\tsize:8;\tsigned:0;',
      '\tfield:char text[8];\toffset:16;\tsize:8;\tsigned:0;',
    ].join('\n')}\n\nprint fmt: "x=%llu %s", REC->x, REC->text\n`,
  );
  const writer = new PageWriter();
  const payload = (type: number, x: bigint, text: string) => {
    const view = new DataView(new ArrayBuffer(24));
    view.setUint16(0, type, true);
    view.setInt32(4, 42, true);
    view.setBigUint64(8, x, true);
    for (const [index, letter] of [...text].entries()) view.setUint8(16 + index, letter.charCodeAt(0));
    return new Uint8Array(view.buffer);
  };
  writer.lose(17);
  writer.write(1_000_000_000n, payload(77, 0xffff_ffff_ffff_ffffn, 'a,"b'));
  writer.write(1_000_000_500n, payload(78, 0n, ''));
  writer.lose(undefined);
  writer.write(2_000_000_000n, payload(77, 5n, 'c'));
  writer.finishPage();
  writeFileSync(join(path, 'raw.cpu3'), Buffer.concat(writer.takePages()));
  return path;
}

describe('report of a capture folder', () => {
  it.each(['6.12-cloud', '6.12-cloud-symstr'])(
    "prints %s byte for byte as the kernel's trace file",
    async name => {
      const file = join(folder, `${name}.txt`);
      const { status, stderr } = await run('report', join(traces, name), ...kernel, '--output', file);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const text = gunzipSync(readFileSync(join(traces, name, 'trace.txt.gz')));
      expect(readFileSync(file).equals(text)).toBe(true);
    },
  );

  describe('of static events', () => {
    const name = '6.12-cloud-static';
    const compared = async (...args: string[]) => {
      const file = join(folder, `${name}.txt`);
      const { status, stderr } = await run(
        'report',
        join(traces, name),
        ...kernel,
        '--output',
        file,
        ...args,
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const text = gunzipSync(readFileSync(join(traces, name, 'trace.txt.gz'))).toString('latin1');
      return compareTexts(readFileSync(file, 'latin1'), text);
    };

    it("prints each line as the kernel's trace file, but for what counts from the time of printing", async () => {
      const { lines, events, different } = await compared('--constant', 'vmemmap_base=0xffd4000000000000');
      expect([lines, events.size]).toEqual([68143, 347]);
      expect([...different.keys()].sort()).toEqual([
        'writeback_single_inode',
        'writeback_single_inode_start',
      ]);
    });

    it('does not make up what no recording tells', async () => {
      const { different } = await compared('-e', '*', '--constant', 'other=1');
      const { ours, theirs } = different.get('mm_page_free')!;
      expect(ours).toContain('page=(____ptrval____) pfn=');
      expect(ours.replace(/page=\S+/, '')).toBe(theirs.replace(/page=\S+/, ''));
      expect(different.size).toBe(6);
    });
  });

  it("takes a boot's own symbols and constants, where the capture has them", async () => {
    const path = join(folder, 'boot');
    cpSync(join(traces, '6.12-cloud-symstr'), path, { recursive: true });
    const before = await run('report', path, ...kernel, '--event', 'nr');
    expect(before.stdout).toMatch(/nr: \(\w+\+0x\w+\/0x\w+\) /);
    writeFileSync(join(path, 'kallsyms'), 'ffffffff80000000 T other_boot\nffffffff80000010 T behind\n');
    const after = await run('report', path, ...kernel, '--event', 'nr');
    expect(after.stdout).toMatch(/nr: \(behind\+0x\w+\/0x\w+\) /);
  });

  it('knows only the recorded symbols without --kernel', async () => {
    const { stdout } = await run('report', symstr, '--event', 'send');
    expect(stdout).toMatch(/send: \(0x[\da-f]{16}\) fd=/);
  });

  it('chooses events, a time range and a count', async () => {
    const whole = (await run('report', symstr)).stdout.split('\n').filter(line => /^ /.test(line));
    const timeOf = (line: string) => / (\d+\.\d{6}): /.exec(line)![1]!;
    const linesOf = async (...args: string[]) => {
      const { status, stdout } = await run('report', symstr, ...args);
      expect(status).toBe(0);
      return stdout.split('\n').filter(line => /^ /.test(line));
    };
    expect(await linesOf('-e', 'sy:send', '-e', '*/nr')).toEqual(
      whole.filter(line => /: (send|nr): /.test(line)),
    );
    expect(await linesOf('-e', 'sy')).toEqual(whole);
    expect(await linesOf('-n', '4')).toEqual(whole.slice(0, 4));
    const [from, to] = [timeOf(whole[2]!), timeOf(whole[6]!)];
    const inside = whole.filter(line => timeOf(line) > from && timeOf(line) < to);
    expect(inside.length).toBeGreaterThan(0);
    const ranged = await linesOf('--from', from, '--to', to);
    expect(ranged).toEqual(expect.arrayContaining(inside));
    expect(ranged.length).toBeLessThan(whole.length);
  });

  it('prints JSON lines', async () => {
    const { stdout } = await run('report', symstr, ...kernel, '--format', 'json');
    const records = jsonLines(stdout) as { event: string; time: string }[];
    expect(records).toHaveLength(9);
    expect(records.map(record => record.event)).toContain('sy/send');
    expect((await run('report', symstr, ...kernel, '--json')).stdout).toBe(stdout);
  });

  it('tells losses and records it cannot show, on stderr and in the summary', async () => {
    const path = lossyCapture();
    const text = await run('report', path);
    expect(text.stdout).toBe(
      [
        'CPU:3 [LOST 17 EVENTS]',
        '           <...>-42      [003] .....     1.000000: ev: x=18446744073709551615 a,"b',
        'CPU:3 [LOST EVENTS]',
        '           <...>-42      [003] .....     2.000000: ev: x=5 c\n',
      ].join('\n'),
    );
    expect(text.stderr).toBe(
      'btfprobe: CPU 3 lost events: 17 lost, and an unknown number lost once\n' +
        'btfprobe: 1 record of events without a format left out\n',
    );
    expect((await run('report', path, '--summary')).stdout).toBe(
      '2 records, 17 lost\n  2  grp:ev\n  CPU 3: 17 lost, and an unknown number lost once\n',
    );
    const { stdout } = await run('report', path, '--summary', '--json');
    expect(jsonLines(stdout)).toEqual([
      {
        v: 1,
        summary: {
          records: 2,
          lost: 17,
          events: [{ event: 'grp/ev', records: 2 }],
          cpus: [{ cpu: 3, lost: 17, uncounted: 1 }],
          otherRecords: 1,
          damagedPages: 0,
        },
      },
    ]);
  });

  it('prints CSV: exact numbers, quoted cells', async () => {
    const { stdout } = await run('report', join(folder, 'lossy'), '--format', 'csv');
    expect(stdout).toBe(
      [
        'time,cpu,pid,comm,flags,event,ip,func,ret,x,text',
        '1000000000,3,42,<...>,.....,grp:ev,,,,18446744073709551615,"a,""b"',
        '2000000000,3,42,<...>,.....,grp:ev,,,,5,c\n',
      ].join('\n'),
    );
  });

  it('draws timelines, with what was lost and the numbers that are asked for', async () => {
    const file = join(folder, 'lossy.pftrace');
    const counter = ['--counter', 'grp:ev.x'];
    const perfetto = await run(
      'report',
      join(folder, 'lossy'),
      '--format',
      'perfetto',
      ...counter,
      '-o',
      file,
    );
    expect(perfetto).toMatchObject({ status: 0, stdout: '' });
    const { events } = drawnOf(readFileSync(file));
    expect(events.map(({ time, track, counter }) => [time, track, counter])).toEqual([
      [1_000_000_000n, 'btfprobe', undefined],
      [1_000_000_000n, 'lost events, CPU 3', undefined],
      [1_000_000_000n, 'ev.x', 2 ** 64],
      [1_000_000_000n, '42/42', undefined],
      [2_000_000_000n, 'lost events, CPU 3', undefined],
      [2_000_000_000n, 'ev.x', 5n],
      [2_000_000_000n, '42/42', undefined],
    ]);
    expect(events[3]!.args).toEqual({ x: 0xffff_ffff_ffff_ffffn, text: 'a,"b' });
    const chrome = await run('report', join(folder, 'lossy'), '--format', 'chrome', ...counter);
    const { traceEvents } = JSON.parse(chrome.stdout) as { traceEvents: { ph: string; args: object }[] };
    expect(traceEvents.filter(({ ph }) => ph === 'C').map(({ args }) => args)).toEqual([
      { value: 2 ** 64 },
      { value: 5 },
    ]);
  });

  it('writes Parquet with an optional package, and says how to get it', async () => {
    const file = join(folder, 'lossy.parquet');
    const args = ['report', join(folder, 'lossy'), '--format', 'parquet', '-o', file];
    expect(await run(...args)).toMatchObject({ status: 0, stdout: '' });
    expect(readFileSync(file).subarray(-4).toString()).toBe('PAR1');
    rmSync(file);
    const alone = join(folder, 'alone/dist/cli');
    cpSync(new URL('dist/cli', packageRoot), alone, { recursive: true });
    const { status, stderr } = spawnSync(process.execPath, [join(alone, 'main.js'), ...args], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `btfprobe: Parquet needs the package hyparquet-writer, which is not installed
  hint: npm install hyparquet-writer, where btfprobe is installed\n`,
    });
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    [['nowhere'], 'there is no "nowhere"\n  hint: a recording is'],
    [[symstr, '--from', '5', '--to', '4.9'], '--from 5 is later than --to 4.9'],
    [[symstr, '--counter', 'x.y'], '--counter is for --format chrome and perfetto'],
    [[symstr, '--format', 'chrome', '--counter', 'nothing.x'], '"nothing.x" names no number of an event'],
    [[symstr, '-e', 'nothing:*'], 'the recording knows no event "nothing:*"'],
    [[symstr, '--constant', 'x'], 'NAME=NUMBER is expected'],
    [[symstr, '--constant', 'x=0x10000000000000000'], 'NAME=NUMBER is expected'],
    [[symstr, '--from', 'noon'], '--from: seconds such as'],
    [[traces], 'traces/: the capture has no file header_event\n  hint: what a capture folder holds'],
  ])('refuses %j', async (args, message) => {
    const { status, stdout, stderr } = await run('report', ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('report of a trace.dat', () => {
  const dat = (name: string) => fileURLToPath(new URL(`../data/trace-dat/${name}.dat`, import.meta.url));

  it('prints its records with the symbols and names in it, whatever the version and compression', async () => {
    const [zstd, none] = await Promise.all([run('report', dat('v7-zstd')), run('report', dat('v7-none'))]);
    expect(zstd).toEqual(none);
    expect(zstd).toMatchObject({ status: 0, stderr: '' });
    expect(zstd.stdout).toMatch(
      /^ {14}sh-167 {5}\[000\] \S{5} {4}14\.131910: rd: \(vfs_read\+0x4\/\w+\) count=1023 arr=\{.*\} name="w\.sh"/m,
    );
    expect((await run('report', dat('v6'), '--summary')).stdout).toMatch(/^222 records, 0 lost\n/);
  });

  it('chooses a buffer and says that there are others', async () => {
    const top = await run('report', dat('instance'), '--summary');
    expect(top.stdout).toMatch(/^3 records/);
    expect(top.stderr).toContain('others with --buffer: "other"');
    const other = await run('report', dat('instance'), '--summary', '--buffer', 'other');
    expect(other).toMatchObject({ stdout: expect.stringContaining('sched:sched_switch'), stderr: '' });
    const none = await run('report', dat('instance'), '--buffer', 'x');
    expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('no buffer "x"') });
  });

  it('prints the text that a latency recording is', async () => {
    const v6 = readFileSync(dat('v6'));
    const at = v6.indexOf('flyrecord\0');
    const file = join(folder, 'latency.dat');
    writeFileSync(file, Buffer.concat([v6.subarray(0, at), Buffer.from('latency  \0# tracer: wakeup\n')]));
    expect(await run('report', file)).toEqual({ status: 0, stdout: '# tracer: wakeup\n', stderr: '' });
    expect(await run('report', file, '--json')).toMatchObject({ status: 2, stdout: '' });
  });

  it('refuses what is none', async () => {
    const lookalikes: readonly (readonly [bytes: string, hint: string])[] = [
      ['', 'it is empty'],
      ['some text', 'a recording is a trace.dat of btfprobe record'],
      ['\x1f\x8b\x08', 'it is compressed with gzip'],
      ['PERFILE2', 'it is a perf.data'],
      ['BTFBUNDL', 'btfprobe bundle show'],
    ];
    const file = join(folder, 'none.dat');
    for (const [bytes, hint] of lookalikes) {
      writeFileSync(file, bytes, 'latin1');
      const { status, stdout, stderr } = await run('report', file);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(`btfprobe: ${file}: this is no trace.dat\n  hint: `);
      expect(stderr).toContain(hint);
    }
  });

  it('never replaces what it reads', async () => {
    const file = join(folder, 'kept.dat');
    cpSync(dat('v7-none'), file);
    const capture = join(folder, 'kept');
    cpSync(symstr, capture, { recursive: true });
    const raw = join(capture, 'raw.cpu0.gz');
    for (const [recording, output] of [
      [file, file],
      [capture, raw],
    ] as const) {
      const { status, stderr } = await run('report', recording, '-o', output);
      expect({ status, stderr }).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('is what is read'),
      });
    }
    expect(readFileSync(file)).toEqual(readFileSync(dat('v7-none')));
    expect(readFileSync(raw)).toEqual(readFileSync(join(symstr, 'raw.cpu0.gz')));
  });

  it('writes to standard output for -', async () => {
    const [named, plain] = await Promise.all([
      run('report', dat('v7-none'), '-o', '-'),
      run('report', dat('v7-none')),
    ]);
    expect(named).toEqual(plain);
  });
});
