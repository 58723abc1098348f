import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from './btfprobe.js';

// What they find and remove is shown in the guest: this machine's tracefs is not for tests.
const isMounted = ['/sys/kernel/tracing/README', '/sys/kernel/debug/tracing/README'].some(file =>
  existsSync(file),
);

test.runIf(!isMounted).each([['list'], ['clean'], ['trace', '--backend', 'tracefs', 'f vfs_read']])(
  'without tracefs, %s says what to do: exit code 2',
  async (...args) => {
    const { status, stdout, stderr } = await run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('tracefs is not mounted');
    expect(stderr).toContain('hint: mount it: mount -t tracefs nodev /sys/kernel/tracing');
  },
);
