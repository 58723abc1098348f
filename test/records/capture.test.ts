import { describe, expect, it } from 'vitest';
import { Capture, RecordError } from '../../src/records/index.js';
import { loadRecording } from './recorded.js';

const { files } = loadRecording('6.12-cloud-symstr');
const replacing = (name: string, text: string | undefined) => {
  const copy = new Map(files);
  if (text === undefined) copy.delete(name);
  else copy.set(name, new TextEncoder().encode(text));
  return copy;
};

describe('a capture', () => {
  it('knows its events by name and definition, its CPUs, names and counts', () => {
    const capture = new Capture(files);
    expect(capture.cpus).toEqual([0, 1]);
    expect([capture.entries, capture.overrun]).toEqual([9, 0]);
    expect(capture.comms.get(175)).toBe('ping');
    const send = capture.events.find(event => event.name === 'send');
    expect(send).toMatchObject({
      group: 'sy',
      definition: 'f:sy/send __sys_sendto fd=fd a=$stack0:symstr b=$stack0:symbol',
    });
    expect(capture.events.map(event => event.name).sort()).toEqual([
      'icmp',
      'nr',
      'ren',
      'rmd',
      'send',
      'sock',
    ]);
    expect([...capture.batches()].map(batch => batch.records.length)).toEqual([9]);
  });

  it('does without what may be missing', () => {
    const bare = new Map(
      ['raw.cpu1', 'header_page', 'header_event', 'formats.txt'].map(name => [name, files.get(name)!]),
    );
    const capture = new Capture(bare);
    expect([capture.entries, capture.comms.size]).toEqual([0, 0]);
    const records = [...capture.batches()].flatMap(batch => batch.records);
    expect(records.map(record => [record.cpu, record.comm])).toEqual(new Array(6).fill([1, '<...>']));
    expect(records[0]!.event.definition).toBeUndefined();
  });

  it.each([
    ['header_page', undefined, 'no file header_page'],
    ['header_event', 'type_len : 6 bits', 'type_len of 5 bits'],
    ['formats.txt', undefined, 'no file formats.txt'],
    ['formats.txt', '@@ nogroup\nname: x\n', 'no group/name'],
  ])('is refused with a wrong %s (%#)', (name, text, message) => {
    expect(() => new Capture(replacing(name, text))).toThrow(message);
    expect(() => new Capture(replacing(name, text))).toThrow(RecordError);
  });

  it('is refused without pages', () => {
    const none = new Map(files);
    none.delete('raw.cpu0');
    none.delete('raw.cpu1');
    expect(() => new Capture(none)).toThrow('no file raw.cpuN');
  });
});
