export * from './file.js';
export * from './parquet-table.js';
