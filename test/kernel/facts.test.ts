import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialectFeatures, dialectFromReadme, KernelError, parseFacts } from '../../src/kernel/index.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const facts = (value: unknown) => bytes(JSON.stringify(value));
const least = { kernel: '6.12', arch: 'x86_64' };

describe('facts.json', () => {
  test('needs a release and an architecture only', () => {
    expect(parseFacts(facts(least))).toEqual({
      release: '6.12',
      arch: 'x86_64',
      features: undefined,
      possibleCpus: 1,
      config: new Map(),
      fileFacts: undefined,
    });
  });

  test('gives features, configuration and files', () => {
    const read = parseFacts(
      facts({
        ...least,
        arch: 'aarch64',
        features: { fprobe: true },
        config: { CONFIG_HZ: 250, CONFIG_KPROBES: 'y' },
        files: { '/bin/sh': 'regular', '/proc/self': 'other' },
        sameFile: ['/bin/sh', '/bin/dash'],
        cwd: '/data',
        possibleCpus: 8,
        anything: [null],
      }),
    );
    expect(read).toMatchObject({ arch: 'arm64', possibleCpus: 8, features: { fprobe: true, tprobe: false } });
    expect(read.config.get('CONFIG_HZ')).toBe(250);
    expect(read.fileFacts).toEqual({
      cwd: '/data',
      files: new Map([
        ['/proc', 'directory'],
        // What the file itself says comes first.
        ['/proc/self', 'other'],
        ['/proc/self/exe', 'regular'],
        ['/bin/sh', 'regular'],
      ]),
      sameFile: ['/bin/sh', '/bin/dash'],
    });
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{}',
    JSON.stringify({ ...least, kernel: 6 }),
    JSON.stringify({ ...least, features: [] }),
    JSON.stringify({ ...least, features: { fprobe: 1 } }),
    JSON.stringify({ ...least, config: { A: null } }),
    JSON.stringify({ ...least, files: { a: 1 } }),
    JSON.stringify({ ...least, files: {}, sameFile: 'x' }),
    JSON.stringify({ ...least, possibleCpus: 0 }),
    JSON.stringify({ ...least, possibleCpus: 1e9 }),
  ])('%s is a typed error', text => {
    expect(() => parseFacts(bytes(text))).toThrow(expect.objectContaining({ code: 'bad-facts' }));
  });

  test.each(['s390x', '__proto__', 'toString'])('of the machine %s cannot be used', arch => {
    expect(() => parseFacts(facts({ ...least, arch }))).toThrow(
      expect.objectContaining({ code: 'unsupported-architecture' }),
    );
  });

  test('of any bytes are facts or a typed error', () => {
    const value = fc
      .jsonValue()
      .map(value => facts({ ...least, config: value, features: value, files: value }));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), value), input => {
        try {
          parseFacts(input);
        } catch (error) {
          expect(error).toBeInstanceOf(KernelError);
        }
      }),
    );
  });
});

describe('the README of tracefs', () => {
  const old = [
    '  dynamic_events\t\t- Create/append/remove/show the generic dynamic events',
    '\t  type: s8/16/32/64, u8/16/32/64, x8/16/32/64, string, symbol,',
    '\t        b<bit-width>@<bit-offset>/<container-size>, ustring,',
    '\t        <type>\\[<array-size>\\]',
    '    field: <stype> <name>;',
    '    stype: u8/u16, [unsigned] char/int/long, symstr, %pd/%pD',
  ].join('\n');

  test('shows types in the paragraph about types alone', () => {
    expect(dialectFromReadme(old)).toMatchObject({
      appendEvents: true,
      ustring: true,
      arrays: true,
      charType: false,
      symstr: false,
      dentryPath: false,
      fprobe: false,
    });
    const newer = old
      .replace('string, symbol,', 'char, string, symbol,')
      .replace('ustring,', 'ustring, symstr, %pd/%pD,');
    expect(dialectFromReadme(newer)).toMatchObject({ charType: true, symstr: true, dentryPath: true });
  });

  test('of another text shows nothing', () => {
    const dialect = dialectFromReadme('hello');
    expect(dialectFeatures.map(feature => dialect[feature])).not.toContain(true);
    expect(dialectFeatures).toHaveLength(16);
  });
});
