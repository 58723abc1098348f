export { type BundleOptions, bundleIdentity, openBundle } from './bundle.js';
export {
  type CreateBundleOptions,
  type CreatedBundle,
  createBundle,
  type MissingFromBundle,
} from './bundle-create.js';
export {
  type BundleSummary,
  type MissingSummary,
  missingFromBundle,
  type PartSummary,
  summarizeBundle,
} from './bundle-summary.js';
export { type BundlePart, isBundleFile, packBundle, writeBundle } from './bundle-write.js';
export { readCaptureFiles } from './capture-files.js';
export { loadDecompressors } from './decompressors.js';
export { builtInKernels, openBuiltInKernel, openDefaultKernel } from './default.js';
export * from './doctor/index.js';
export {
  ElfError,
  type ElfErrorCode,
  type ElfFunction,
  findElfFunctions,
  readElfFunctions,
} from './elf-symbols.js';
export * from './error.js';
export { FileSink } from './file-sink.js';
export { FileSource } from './file-source.js';
export { KeptEnumerators } from './kept-enumerators.js';
export { readKernelWord } from './kernel-memory.js';
export {
  type LiveKernel,
  type LiveOptions,
  type MissingPart,
  type ModuleChanges,
  openLiveKernel,
} from './live.js';
export { locateBundle, openKernel } from './open.js';
export { loadParquet } from './parquet.js';
export * from './process.js';
export { createProgramSymbols } from './program-symbols.js';
export * from './tracefs.js';
export * from './tracefs-files.js';
export { findTracefs, mountTracefsHint } from './tracefs-mount.js';
export * from './tracefs-text.js';
export { VerdictCache } from './verdict-cache.js';
