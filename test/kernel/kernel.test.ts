import { describe, expect, test } from 'vitest';
import { openBundle, openDefaultKernel } from '../../src/host/index.js';
import { createKernel, type KernelPart, type KernelSource, parseFacts } from '../../src/kernel/index.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A kernel of nothing but the given parts; `asked` lists what was read. */
function kernelOf(parts: Partial<Record<KernelPart, string>>, asked: string[] = []) {
  const source: KernelSource = {
    name: 'made',
    facts: parseFacts(bytes('{"kernel":"1","arch":"x86_64"}')),
    read(part) {
      asked.push(part);
      const text = parts[part];
      return text === undefined ? undefined : bytes(text);
    },
    typedModules: () => [],
    moduleBtf: () => undefined,
  };
  return createKernel(source);
}

describe('the built-in kernel', () => {
  const kernel = openDefaultKernel();

  test('knows vfs_read in every way', () => {
    using found = kernel.findFunction('vfs_read');
    expect(found?.btf.parameters(found.proto).map(parameter => parameter.name)).toEqual([
      'file',
      'buf',
      'count',
      'pos',
    ]);
    expect(kernel.functions.has('vfs_read')).toBe(true);
    expect(kernel.functions.match('vfs_rea*')).toEqual(['vfs_readv', 'vfs_read', 'vfs_readlink']);
    expect(kernel.functions.siteOffset('vfs_read')).toBe(4);
    expect(kernel.functions.siteOffsetAt(kernel.symbols.find('vfs_read')[0]!.address)).toBe(4);
  });

  test('is a 6.12 with ENDBR and two processors', () => {
    expect(kernel).toMatchObject({
      name: '6.12-cloud',
      release: '6.12.117+deb12-cloud-amd64',
      arch: 'x86_64',
    });
    expect([kernel.endbr, kernel.possibleCpus, kernel.dialect.btfFields]).toEqual([true, 2, true]);
  });

  test('knows tracepoints, and where no kprobe may stand', () => {
    expect([kernel.hasTracepoint('sched_switch'), kernel.hasTracepoint('no_such')]).toEqual([true, false]);
    const blacklisted = kernel.symbols.find('warn_thunk_thunk')[0]!.address;
    expect(
      [blacklisted, blacklisted + 0x2fn, blacklisted + 0x30n, 0n].map(at => kernel.isBlacklisted(at)),
    ).toEqual([true, true, false, false]);
  });
});

describe('parts', () => {
  test('are read once, and only when asked for', () => {
    const asked: string[] = [];
    const kernel = kernelOf({ tracepoints: 'one\ntwo\n' }, asked);
    expect(asked).toEqual([]);
    expect([kernel.hasTracepoint('one'), kernel.hasTracepoint('two'), kernel.hasTracepoint('')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(asked).toEqual(['tracepoints']);
  });

  test('tracepoints of a module go with it', () => {
    const kernel = kernelOf({
      tracepoints: 'one\ntwo [mod]\n',
      kallsyms: 'ffffffff81000000 T f\nffffffffc0000000 t g\t[mod]\n',
    });
    const known = () => ['one', 'two', 'two [mod]'].map(name => kernel.hasTracepoint(name));
    expect(known()).toEqual([true, true, false]);
    expect(kernel.tracepoints()).toEqual(['one', 'two']);
    kernel.modules.unload('mod');
    expect(known()).toEqual([true, false, false]);
    expect(kernel.tracepoints()).toEqual(['one']);
  });

  test('that are absent leave a kernel that knows nothing', () => {
    const kernel = kernelOf({});
    expect(kernel.types).toBeUndefined();
    expect(kernel.findFunction('vfs_read')).toBeUndefined();
    expect(kernel.symbols.find('vfs_read')).toEqual([]);
    expect(kernel.symbols.resolve(0xffffffff81000000n)).toBeUndefined();
    expect(kernel.events.names()).toEqual([]);
    expect(kernel.isBlacklisted(0xffffffff81000000n)).toBe(false);
    expect(kernel.hasTracepoint('sched_switch')).toBe(false);
    expect(kernel.dialect.fprobe).toBe(false);
    expect(kernel.endbr).toBe(false);
  });

  test('are told from symbols where there is no list', () => {
    const kernel = kernelOf({
      kallsyms: 'ffffffff81000000 D __tracepoint_one\nffffffff81000010 T ibt_save\n',
    });
    expect(kernel.hasTracepoint('one')).toBe(true);
    expect(kernel.endbr).toBe(true);
  });

  test.each(['nonsense', '0x10-\tname', '10-20 name', `${'x'.repeat(1 << 20)}`])(
    'a broken blacklist is a typed error',
    line => {
      const kernel = kernelOf({ 'kprobes-blacklist': `0x10-0x20\tgood\n${line}\n` });
      expect(() => kernel.isBlacklisted(0x10n)).toThrow(expect.objectContaining({ code: 'bad-line' }));
    },
  );

  test('a blacklist may have ranges within ranges, in any order', () => {
    const kernel = kernelOf({ 'kprobes-blacklist': '0x40-0x50\tlate\n0x10-0x30\touter\n0x18-0x20\tinner\n' });
    const covered = [0xfn, 0x10n, 0x24n, 0x2fn, 0x30n, 0x40n, 0x50n].filter(at => kernel.isBlacklisted(at));
    expect(covered).toEqual([0x10n, 0x24n, 0x2fn, 0x40n]);
  });

  test('damaged types are a typed error', () => {
    const code = expect.objectContaining({ code: 'bad-types' });
    expect(() => kernelOf({ 'vmlinux.btf': 'no BTF' }).findFunction('vfs_read')).toThrow(code);
  });
});

test('every traceable function of the built-in kernel with a symbol has its site there or 4 behind', () => {
  using kernel = openBundle('kernels/6.12-cloud');
  const offsets = kernel.functions.match('vfs_*').map(name => kernel.functions.siteOffset(name));
  expect(offsets.length).toBeGreaterThan(50);
  expect(new Set(offsets)).toEqual(new Set([0, 4]));
});
