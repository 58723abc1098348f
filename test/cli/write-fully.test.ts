import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeFully } from '../../src/cli/write-fully.js';

it('waits for the reader of a full pipe that says it is not to be waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'btfprobe-write-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const file = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const bytes = new Uint8Array(1 << 20).map((_, index) => index % 251);
    const reader = spawn('sh', ['-c', `sleep 0.2; head -c ${bytes.length} ${pipe} | md5sum`]);
    const told = once(reader.stdout, 'data');
    writeFully(file, bytes);
    const [read] = (await told) as [Buffer];
    expect(String(read)).toBe(String(execFileSync('md5sum', { input: bytes })));
  } finally {
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
});
