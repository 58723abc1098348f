import type { OpenParquet, ParquetColumn } from '../formats/index.js';
import { HostError } from './error.js';

type Library = typeof import('hyparquet-writer');
type Schema = ConstructorParameters<Library['ParquetWriter']>[0]['schema'];

/** Loads the optional package `hyparquet-writer`. Throws a `HostError` `not-found` that says how to install it. */
export async function loadParquet(): Promise<OpenParquet> {
  const library = await load();
  return columns => {
    const writer = new library.ByteWriter();
    const file = new library.ParquetWriter({ writer, schema: schemaOf(columns), createdBy: 'btfprobe' });
    return {
      write(values) {
        const columnData = columns.map(({ name }, index) => ({ name, data: [...values[index]!] }));
        file.write({ columnData, rowGroupSize: Math.max(1, values[0]?.length ?? 0) });
      },
      finish() {
        file.finish();
      },
      take() {
        const bytes = writer.getBytes().slice();
        // The offset counts on: only the buffer is empty again.
        writer.index = 0;
        return bytes;
      },
    };
  };
}

async function load(): Promise<Library> {
  try {
    return await import('hyparquet-writer');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new HostError(
      'not-found',
      'hyparquet-writer',
      'Parquet needs the package hyparquet-writer, which is not installed',
      { hints: ['npm install hyparquet-writer, where btfprobe is installed'], cause: error },
    );
  }
}

function schemaOf(columns: readonly ParquetColumn[]): Schema {
  const root = { name: 'records', num_children: columns.length };
  return [
    root,
    ...columns.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL', ...stored(type) }) as const),
  ];
}

function stored(type: ParquetColumn['type']) {
  switch (type) {
    case 'i32':
      return { type: 'INT32' } as const;
    case 'i64':
      return { type: 'INT64' } as const;
    case 'u64':
      return { type: 'INT64', converted_type: 'UINT_64' } as const;
    case 'text':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
    default:
      return type satisfies never;
  }
}
