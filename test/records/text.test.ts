import { describe, expect, it } from 'vitest';
import { TraceText, traceHeader } from '../../src/records/index.js';
import { loadRecording, readerOf, symbolsOf } from './recorded.js';

describe.each([
  ['6.12-cloud', 20998],
  ['6.12-cloud-symstr', 9],
])('the text of %s', (name, count) => {
  const recording = loadRecording(name);

  it("is the kernel's own, byte for byte", () => {
    const reader = readerOf(recording);
    const text = new TraceText({ symbols: symbolsOf(recording) });
    text.out.text(traceHeader(count, count, 2));
    let records = 0;
    for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) {
      expect(batch.lost).toEqual([]);
      records += batch.records.length;
      text.batch(batch);
    }
    expect(records).toBe(count);
    expect([reader.unknownRecords, reader.damagedPages]).toEqual([0, 0]);
    const lines = Buffer.from(text.take()).toString('latin1').split('\n');
    expect(lines).toEqual(Buffer.from(recording.text).toString('latin1').split('\n'));
  });
});
