import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openOutput } from '../../src/cli/file-output.js';
import { Output } from '../../src/cli/output.js';
import { main } from './btfprobe.js';

test('a file that cannot be opened is told although nothing was written, and finishing does not wait for it', async () => {
  const stream = createWriteStream(join('/nonexistent', 'records'));
  const hasClosed = new Promise<void>(resolve => stream.once('close', resolve));
  let output!: Output;
  await new Promise<void>(resolve => {
    output = new Output(stream, resolve);
  });
  await hasClosed;
  await expect(output.finish()).rejects.toMatchObject({ code: 'output' });
  await expect(output.write('late')).rejects.toMatchObject({ code: 'output' });
});

test('a reader that goes away is no failure', async () => {
  const stream = new PassThrough();
  let told = 0;
  const output = new Output(stream, () => told++);
  await output.write('one\n');
  stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await new Promise(resolve => setImmediate(resolve));
  expect({ told, closed: output.closed }).toEqual({ told: 1, closed: true });
  await output.write('two\n');
  await output.finish();
});

test('a file gets what is written as it was then; a full one is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'btfprobe-output-'));
  const path = join(folder, 'records');
  const bytes = Uint8Array.from([0x61, 0x0a]);
  const output = openOutput(path);
  await output.write(bytes);
  bytes[0] = 0x62;
  await output.write(bytes);
  await output.write('é\n');
  await output.finish();
  expect(readFileSync(path, 'utf8')).toBe('a\nb\né\n');
  await expect(openOutput('/dev/full').write(bytes)).rejects.toMatchObject({
    code: 'output',
    message: expect.stringContaining('ENOSPC'),
  });
  expect(() => openOutput(folder)).toThrow(/EISDIR/);
  rmSync(folder, { recursive: true });
});

/** Standard output and error of a shell's command line: with its own pipes, where `child_process` makes sockets. */
function inShell(line: string): string {
  const command = line.replaceAll('btfprobe', `'${process.execPath}' '${main}'`);
  return execFileSync('sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

test('a pipe takes all in its order, however late it is read; a reader that goes away ends it', () => {
  const simulated =
    "trace --backend sim --format json --count 500 'f vfs_read name=file->f_path.dentry->d_name.name:string'";
  const whole = inShell(`btfprobe ${simulated} 2>/dev/null | cat`);
  expect(whole.length).toBeGreaterThan(65536);
  expect(inShell(`btfprobe ${simulated} 2>/dev/null | (sleep 1; cat)`)).toBe(whole);
  expect(inShell(`btfprobe ${simulated} 2>&1 >/dev/null | (sleep 1; cat)`)).toContain(
    '"records":500,"lost":0',
  );
  expect(inShell(`btfprobe ${simulated.replace('500', '100000')} 2>/dev/null | head -1`)).toBe(
    whole.slice(0, whole.indexOf('\n') + 1),
  );
});
