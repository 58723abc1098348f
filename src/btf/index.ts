export type {
  ArrayFacts,
  BtfOptions,
  Enumerator,
  IntFacts,
  Parameter,
  SectionVariable,
} from './btf.js';
export { Btf } from './btf.js';
export type { BuilderOptions, NewInt, NewMember } from './builder.js';
export { BtfBuilder } from './builder.js';
export { findProblems } from './check.js';
export type { ElfSection } from './elf.js';
export { readElfSections } from './elf.js';
export type { BtfErrorCode } from './error.js';
export { BtfError } from './error.js';
export type { FirstSearchResult } from './first-search.js';
export type { TypeId } from './kinds.js';
export { BtfKind, kindName } from './kinds.js';
export type { Member, MemberSearch } from './members.js';
export type { Container, OpenOptions } from './open.js';
export { openBtfBytes, recognizeContainer } from './open.js';
export { relocateToKernel } from './relocate.js';
export { MAX_NAME_LENGTH } from './strings.js';
