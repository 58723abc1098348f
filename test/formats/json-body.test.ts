import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { JsonLines, withTypes } from '../../src/formats/index.js';
import { openDefaultKernel } from '../../src/host/index.js';
import type { FetchState } from '../../src/language/index.js';
import { PageRecord, type TracedEvent } from '../../src/records/index.js';
import { WORTH_SCRIPT } from '../../src/records/late-script.js';
import { latin1, loadRecording } from '../records/recorded.js';

/** Bytes that are often all zeros or all ones, and sometimes characters. */
const bytes = (size: number) =>
  fc
    .array(fc.oneof(fc.constant(0), fc.constant(0xff), fc.integer({ min: 0x20, max: 0x5d }), fc.nat(255)), {
      minLength: size,
      maxLength: size,
    })
    .map(list => Uint8Array.from(list));

function recordOf(event: TracedEvent, source: Uint8Array, comm: string): PageRecord {
  return new PageRecord(event, 3, -7, comm, source, new DataView(source.buffer), 4, source.length, 1, 2, 5);
}

/** Writes a record so often that there is code for the event. */
function meetOften(lines: JsonLines, record: PageRecord): void {
  for (let count = 0; count < WORTH_SCRIPT; count++) lines.record(record);
  lines.take();
}

describe('the generated code of JSON lines', () => {
  it.each(['6.12-cloud', '6.12-cloud-symstr', '6.12-cloud-static'])(
    "writes what the plain writer writes, for every event of %s and any record's bytes",
    name => {
      using kernel = openDefaultKernel();
      const { capture, symbols } = loadRecording(name);
      for (const types of [undefined, kernel]) {
        for (const event of withTypes(capture.events, types)) {
          const { common, fields } = event.layout;
          const size = Math.max(...[...common, ...fields].map(field => field.offset + field.size));
          const options = { symbols, values: types === undefined ? 'plain' : 'rich' } as const;
          const generated = new JsonLines(options);
          const plain = new JsonLines(options, false);
          meetOften(generated, recordOf(event, new Uint8Array(4 + size), 'sh'));
          fc.assert(
            fc.property(
              bytes(size),
              fc.integer({ min: -2, max: 24 }),
              fc.constantFrom('sh', '\xff"'),
              (fixed, more, comm) => {
                const source = new Uint8Array(Math.max(12, 4 + size + more));
                source.set(fixed.subarray(0, source.length - 4), 4);
                const record = recordOf(event, source, comm);
                // What is known of the fetches: nothing, or that all went well.
                for (const states of [undefined, new Map<string, FetchState>(), undefined]) {
                  record.states = states;
                  generated.record(record);
                  plain.record(record);
                }
                expect(latin1(generated.take())).toBe(latin1(plain.take()));
              },
            ),
            { numRuns: 2 },
          );
        }
      }
    },
    120_000,
  );

  it('is made, and tells texts that may have been cut', () => {
    const { capture, symbols } = loadRecording('6.12-cloud');
    const event = capture.events.find(({ layout }) =>
      layout.fields.some(({ type }) => type === '__data_loc char[]'),
    )!;
    const field = event.layout.fields.find(({ type }) => type === '__data_loc char[]')!;
    const make = vi.fn(Function);
    vi.stubGlobal('Function', make);
    const lines = new JsonLines({ symbols });
    const source = new Uint8Array(8192).fill(0x61);
    new DataView(source.buffer).setUint32(4 + field.offset, (4096 << 16) | 2048, true);
    const record = recordOf(event, source, 'sh');
    meetOften(lines, record);
    vi.unstubAllGlobals();
    expect(make).toHaveBeenCalledTimes(1);
    lines.record(record);
    expect(latin1(lines.take())).toContain(`"states":{"${field.name}":{"state":"truncated","length":4096}`);
  });

  it('finds the symbols of pointers, and none below the lowest, whatever that is', () => {
    using kernel = openDefaultKernel();
    const { symbols } = kernel;
    const { capture } = loadRecording('6.12-cloud-static');
    const event = withTypes(capture.events, kernel).find(({ types }) =>
      [...(types?.values() ?? [])].some(({ type }) => type?.kind === 'pointer' && type.size === 8),
    )!;
    const [name] = [...event.types!].find(([, { type }]) => type?.kind === 'pointer' && type.size === 8)!;
    const { offset } = event.layout.fields.find(field => field.name === name)!;
    const lowest = symbols.lowest!()!;
    const [start] = symbols.find('vfs_read');
    const addresses = [0n, 0xff110000deadbeefn, lowest - 1n, lowest, start!.address + 4n, 2n ** 64n - 22n];
    const written = [symbols, { resolve: (address: bigint) => symbols.resolve(address) }].map(names => {
      const lines = new JsonLines({ symbols: names });
      for (const address of [...addresses, ...addresses]) {
        const source = new Uint8Array(256);
        new DataView(source.buffer).setBigUint64(4 + offset, address, true);
        lines.record(recordOf(event, source, 'sh'));
      }
      return latin1(lines.take());
    });
    expect(written[0]).toBe(written[1]);
    expect(written[0]!.match(/"symbol":"vfs_read\+0x4"/g)).toHaveLength(2);
  });
});
