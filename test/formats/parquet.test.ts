import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { CsvLines, ParquetTable, withTypes } from '../../src/formats/index.js';
import { loadParquet, openDefaultKernel } from '../../src/host/index.js';
import type { RecordBatch } from '../../src/records/index.js';
import { eventOf, loadRecording, noSymbols, recordOf } from '../records/recorded.js';

const open = await loadParquet();

function fileOf(table: ParquetTable, batches: readonly RecordBatch[]): ArrayBuffer {
  const pieces: Uint8Array[] = [];
  for (const batch of batches) {
    table.batch(batch);
    pieces.push(table.take());
  }
  table.end();
  const bytes = Buffer.concat([...pieces, table.take()]);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

/** Cells of CSV: text in quotes may hold what ends cells and lines. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n"]*))(,|\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('a Parquet table, as hyparquet reads it', () => {
  const { capture, symbols } = loadRecording('6.12-cloud');

  it.each(['plain', 'rich'] as const)('has the cells of the CSV of the same records, %s', async values => {
    using kernel = openDefaultKernel();
    const events = values === 'rich' ? withTypes(capture.events, kernel) : capture.events;
    const reader = capture.reader(events);
    const batches: RecordBatch[] = [];
    for (let batch = reader.rest(); batch !== undefined; batch = reader.rest()) batches.push(batch);
    // Twice, for more than one group of rows.
    const twice = [...batches, ...batches];
    const csv = new CsvLines({ symbols, events, values });
    for (const batch of twice) csv.batch(batch);
    const [names, ...expected] = cellsOf(new TextDecoder().decode(csv.take()));
    const file = fileOf(new ParquetTable({ symbols, events, values }, open), twice);
    const metadata = parquetMetadata(file);
    expect(metadata.row_groups.length).toBe(2);
    expect(metadata.schema.slice(1).map(({ name }) => name)).toEqual(names);
    const unsigned = new Set(
      metadata.schema.filter(one => one.converted_type === 'UINT_64').map(({ name }) => name),
    );
    const rows = await parquetReadObjects({ file });
    const text = (name: string, value: unknown) => {
      if (value === undefined || value === null) return '';
      // hyparquet gives the numbers of a column with gaps as signed ones.
      return String(unsigned.has(name) ? BigInt.asUintN(64, value as bigint) : value);
    };
    expect(rows.length).toBe(expected.length);
    for (const [index, row] of rows.entries()) {
      expect(names!.map(name => text(name, row[name]))).toEqual(expected[index]);
    }
  });

  it('keeps numbers exact, and gives a field of several types the one that holds them', async () => {
    const one = eventOf('""', [
      ['u64', 'big', 8, 8],
      ['int', 'mixed', 16, 4, true],
      ['unsigned int', 'wide', 20, 4],
      ['u64', 'odd', 24, 8],
    ]);
    const two = eventOf(
      '""',
      [
        ['s64', 'mixed', 8, 8, true],
        ['char', 'odd', 16, 8, false, '8'],
        ['unsigned short', 'time', 24, 2],
      ],
      undefined,
      'other',
    );
    const tail = Buffer.alloc(24, 0xff);
    const text = Buffer.concat([Buffer.alloc(8, 0xff), Buffer.from('a"b,\0\0\0\0'), Buffer.alloc(8, 1)]);
    const records = [recordOf(one, tail, 0xffff_ffff_ffff_fffen), recordOf(two, text)];
    const options = { symbols: noSymbols, events: [one, two] };
    const file = fileOf(new ParquetTable(options, open), [{ records, lost: [] }]);
    const types = parquetMetadata(file).schema.map(({ name, type, converted_type: as }) => [name, type, as]);
    expect(types.slice(10)).toEqual([
      ['big', 'INT64', 'UINT_64'],
      ['mixed', 'INT64', undefined],
      ['wide', 'INT64', undefined],
      ['odd', 'BYTE_ARRAY', 'UTF8'],
      ['args.time', 'INT32', undefined],
    ]);
    const [first, second] = await parquetReadObjects({ file });
    expect(first).toMatchObject({ mixed: -1n, wide: 0xffff_ffffn, odd: '18446744073709551615' });
    expect(BigInt.asUintN(64, first!['big'])).toBe(0xffff_ffff_ffff_ffffn);
    expect(BigInt.asUintN(64, first!['time'])).toBe(0xffff_ffff_ffff_fffen);
    expect(second).toMatchObject({ mixed: -1n, odd: 'a"b,', 'args.time': 0x101, event: 'grp:other' });
  });

  it('is a file without rows when there are no records', async () => {
    const file = fileOf(new ParquetTable({ symbols: noSymbols, events: [] }, open), []);
    expect(parquetMetadata(file).num_rows).toBe(0n);
  });
});
