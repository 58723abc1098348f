import { expect, test } from 'vitest';
import { run } from './btfprobe.js';

test('a plan shows texts of the user as text, and nothing of them moves the cursor', async () => {
  const filter = 'comm ~ "*ü\u001b[2J*x"';
  const { status, stdout } = await run(
    'plan',
    '-k',
    'default',
    '--filter',
    filter,
    'f vfs_read count # ü\u001b[2J',
  );
  expect(status).toBe(0);
  expect(stdout).toContain('write to dynamic_events: f vfs_read count # ü\\x1b[2J\n');
  expect(stdout).toContain('write to the filter of fprobes:vfs_read__entry: comm ~ "*ü\\x1b[2J*x"\n');
  expect(stdout).toContain('not possible: eBPF here does not filter by the pattern "*ü\\u001b[2J*x"');
  expect(stdout).not.toContain('\u001b');
});
