/** A column of a Parquet file; every value may be missing. `u64` is stored as UINT_64. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: 'i32' | 'i64' | 'u64' | 'text';
}

/** `undefined`: missing. Numbers for `i32`, bigints for the wider ones. */
export type ParquetValue = number | bigint | string | undefined;

/** A Parquet file that is being written. */
export interface ParquetFile {
  /** Writes a group of rows: for each column its values, all as many. */
  write(values: readonly (readonly ParquetValue[])[]): void;
  /** Writes what stands behind the last group. */
  finish(): void;
  /** The bytes since the last call; they are the caller's. */
  take(): Uint8Array;
}

/** Begins a file. Who knows Parquet is not here: `openParquet` of `btfprobe/host` takes an optional package for it. */
export type OpenParquet = (columns: readonly ParquetColumn[]) => ParquetFile;
