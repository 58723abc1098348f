import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileProbe, ProbeEvents, parseDefinition } from '../../src/language/index.js';
import { readCorpus } from '../conformance/recorded.js';
import { kernel } from './kernel.js';

const corpus = readCorpus(new URL('../data/conformance/kernel-6.12-cloud.jsonl.gz', import.meta.url));

/** Bytes and pieces of the language in any order. */
const piece = fc.oneof(
  fc.constantFrom(
    'f',
    't',
    'p',
    'r',
    'e',
    '-:',
    ':',
    '/',
    '.',
    ' ',
    '\t',
    '#',
    '$arg*',
    '$arg1',
    '$retval',
    '$stack',
    '$comm',
  ),
  fc.constantFrom(
    'vfs_read',
    'sched_switch',
    'file',
    'file->f_path.dentry',
    '+8(',
    '-u0x10(',
    ')',
    ':string',
    ':u8[',
    ']',
    '%return',
  ),
  fc.constantFrom('@jiffies', '\\1', '\\"a"', ':b1@2/8', '=', '%ax', ':%pd', '\0', '\n', '\xa0', '\xe9'),
  fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code)),
);
const line = fc.array(piece, { maxLength: 30 }).map(pieces => pieces.join(''));

/** A recorded definition with bytes changed, dropped or doubled. */
const mutated = fc
  .tuple(
    fc.constantFrom(...corpus.map(record => record.def)),
    fc.array(fc.tuple(fc.nat(200), piece), { maxLength: 4 }),
  )
  .map(([def, edits]) =>
    edits.reduce((text, [at, put]) => text.slice(0, at) + put + text.slice(at + 1), def),
  );

/** Every node with text and a span. */
function nodesOf(value: unknown): { text: string; span: { start: number; end: number } }[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'text' in value && 'span' in value ? [value as ReturnType<typeof nodesOf>[number]] : [];
  return [...own, ...Object.values(value).flatMap(nodesOf)];
}

describe('any text', () => {
  it('is judged, with at least one reason where it is refused', () => {
    fc.assert(
      fc.property(fc.oneof(line, mutated), text => {
        using events = new ProbeEvents(kernel);
        const judgement = events.write(text);
        expect(judgement.accepted || judgement.diagnostics.length > 0).toBe(true);
        if (!judgement.accepted) expect(judgement.errno).toMatch(/^E[A-Z0-9]+$/);
      }),
      { numRuns: 3000 },
    );
  });

  it('parses to nodes whose spans are their text', () => {
    fc.assert(
      fc.property(fc.oneof(line, mutated), text => {
        for (const node of nodesOf(parseDefinition(text))) {
          // `-u8(` keeps its sign with a number that stands behind the u.
          const written = text.slice(node.span.start, node.span.end);
          expect([written, `-${written}`]).toContain(node.text);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('accepted definitions', () => {
  const accepted = corpus.filter(({ errno, setup, def, listing }) => {
    const again = listing?.[0] ?? '';
    // A listed eprobe has lost its filter; several lines in one write list several events; what /proc/self/exe is
    // depends on who writes; automatic names of globs are no names that can be written.
    const singular =
      listing?.length === 1 &&
      /^[\w:/-]+ /.test(again) &&
      !def.includes('\n') &&
      !again.includes('/proc/self/');
    return errno === null && setup === undefined && singular && !again.startsWith('e');
  });

  it('can be written again as they are listed', () => {
    for (const { listing } of accepted) {
      using events = new ProbeEvents(kernel);
      const judgement = events.define(listing![0]!);
      expect(judgement.accepted, listing![0]).toBe(true);
      expect(events.listing()).toEqual(listing);
    }
  });

  it('lay their fields out without gaps behind the head', () => {
    for (const { def } of accepted.slice(0, 1500)) {
      const judgement = compileProbe(kernel, def);
      if (!judgement.accepted || judgement.event === undefined) continue;
      let end = judgement.event.isReturn ? 24 : 16;
      for (const argument of judgement.event.args) {
        expect(argument.offset).toBe(end);
        end += argument.size;
      }
      judgement.event[Symbol.dispose]();
    }
  });
});

it('reads the same corpus that the conformance test reads', () => {
  const bytes = readFileSync(new URL('../data/conformance/kernel-6.12-cloud.jsonl.gz', import.meta.url));
  expect(corpus.length).toBe(gunzipSync(bytes).toString('latin1').trimEnd().split('\n').length - 1);
});
