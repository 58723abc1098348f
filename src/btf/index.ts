export type {
  ArrayFacts,
  BtfOptions,
  Enumerator,
  IntFacts,
  Parameter,
  SectionVariable,
} from './btf.js';
export { Btf } from './btf.js';
export type { BtfErrorCode } from './error.js';
export { BtfError } from './error.js';
export type { TypeId } from './kinds.js';
export { BtfKind, kindName } from './kinds.js';
export type { Member, MemberSearch } from './members.js';
export { MAX_NAME_LENGTH } from './strings.js';
