import { beforeAll, describe, expect, test } from 'vitest';
import { bootGuest } from './guest.js';

/** What look-ups say of the module: see `seen` in fixtures/module-life.mjs. */
interface Seen {
  readonly loaded: boolean;
  readonly listed: boolean;
  readonly function: string | null;
  readonly parameters: readonly string[] | null;
  readonly types: boolean;
  readonly symbols: readonly string[];
  readonly addresses: readonly string[];
  readonly judged: string;
}

interface Look {
  readonly there: boolean;
  readonly live: Seen;
  readonly bundle: Seen;
}

interface Held {
  readonly stale: boolean;
  readonly same: boolean;
  readonly found: boolean;
  readonly open: number;
}

interface Life {
  readonly loaded: Look;
  readonly attached: Look;
  readonly unloaded: Look;
  readonly reloaded: Look;
  readonly heldWhileLoaded: Held;
  readonly heldWhileGone: Held;
  readonly heldAfterReload: Held;
  readonly [step: string]: unknown;
}

const listing = 'f:mod/log nf_log_ip_packet pf=pf hooknum=hooknum loggroup=loginfo->u.ulog.group';
const none = { loaded: [], unloaded: [] };

describe('types of a module of the 6.12 kernel', () => {
  let life: Life;
  beforeAll(async () => {
    const { results, output } = await bootGuest({
      kernel: '6.12',
      modules: ['nf_log_syslog', 'nf_conntrack'],
      script: 'module-life.mjs',
      seconds: 600,
    });
    life = results.life as Life;
    expect(life?.failed, output).toBeUndefined();
  });

  test('are found while it is loaded, by a live kernel and in its bundle', () => {
    const expected = {
      loaded: true,
      listed: true,
      function: 'nf_log_syslog',
      parameters: ['net', 'pf', 'hooknum', 'skb', 'in', 'out', 'loginfo', 'prefix'],
      types: true,
      symbols: ['nf_log_syslog'],
      judged: listing,
    };
    expect(life.loaded).toMatchObject({ there: true, live: expected, bundle: expected });
    expect(life.loaded.live.addresses).toEqual(life.loaded.bundle.addresses);
    expect(life.heldWhileLoaded).toEqual({ stale: false, same: true, found: true, open: 1 });
  });

  test('are what they were while a probe is attached to it', () => {
    expect(life.nothingChanged).toEqual(none);
    expect(life.attached).toEqual(life.loaded);
  });

  test('stay where the kernel refuses to unload', () => {
    expect(life.refusedUnload).toMatchObject({ needed: { status: 1 }, there: true });
    expect(life.afterRefusedUnload).toEqual(none);
    expect(life.neededIsSeen).toBe(true);
  });

  test('are no longer found once it is gone, which a probe on it does not prevent', () => {
    expect(life.unload).toEqual({ status: 0, stderr: '' });
    expect(life.probeAfterUnload).toMatchObject({ enable: '1' });
    expect(life.changesOfUnload).toEqual({ loaded: [], unloaded: ['nf_log_syslog'] });
    expect(life.unloaded).toMatchObject({
      there: false,
      live: {
        loaded: false,
        listed: false,
        function: null,
        parameters: null,
        types: false,
        symbols: [],
        judged: 'NO_BTF_ENTRY',
      },
    });
  });

  test('stay readable for who holds them, and are known to be of a module that is gone', () => {
    expect(life.heldWhileGone).toEqual({ stale: true, same: true, found: true, open: 0 });
    expect(life.heldAfterReload).toMatchObject({ stale: true, same: true, found: true });
  });

  test('of a bundle are those of the time it was made', () => {
    expect(life.unloaded.bundle).toEqual(life.loaded.bundle);
    expect(life.bundleHandle).toEqual({ stale: false, found: true });
    expect(life.bundleClosed).toEqual({ stale: true, found: true });
    expect(life.bundleReleased).toEqual({ error: 'KernelError', code: 'released' });
  });

  test('are new ones when it is loaded again, at other addresses', () => {
    expect(life.changesOfReload).toEqual({ loaded: ['nf_log_syslog'], unloaded: [] });
    const { addresses: before, ...seenBefore } = life.loaded.live;
    const { addresses: after, ...seenAfter } = life.reloaded.live;
    expect(seenAfter).toEqual(seenBefore);
    expect(after).toHaveLength(before.length);
    expect(life.reloadIsNew).toEqual({ other: true, stale: false });
    expect(life.openHandles).toBe(1);
  });

  test('are new ones when nobody looked in between', () => {
    expect(life.changesOfQuickReload).toEqual({ loaded: ['nf_log_syslog'], unloaded: ['nf_log_syslog'] });
    expect(life.quickReload).toEqual({ stale: true });
  });

  test('are released with the last who holds them', () => {
    const released = { error: 'KernelError', code: 'released' };
    expect(life.released).toEqual({ btf: released, stale: released });
    expect(life.openAtLast).toBe(0);
  });
});
