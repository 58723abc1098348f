import type { EventField } from '../kernel/index.js';

/**
 * One operation of a fetch program (spec 04 section 1). Values are 64-bit machine words; offsets are signed bytes.
 * Operations run in order of their stage: load, dereference, store, modify, loop.
 */
export type FetchOp =
  | { readonly op: 'REG'; readonly register: string }
  | { readonly op: 'STACK'; readonly index: number }
  | { readonly op: 'STACKP' }
  | { readonly op: 'RETVAL' }
  | { readonly op: 'IMM'; readonly value: bigint }
  | { readonly op: 'COMM' }
  | { readonly op: 'ARG'; readonly index: number }
  | { readonly op: 'FOFFS'; readonly offset: bigint }
  | { readonly op: 'DATA'; readonly text: string }
  | { readonly op: 'EDATA'; readonly offset: number }
  | { readonly op: 'TP_ARG'; readonly field: EventField }
  | { readonly op: 'SYMBOL'; readonly symbol: string; readonly offset: bigint }
  | { readonly op: 'DEREF' | 'UDEREF'; readonly offset: number }
  | { readonly op: 'ST_RAW'; readonly size: number }
  | { readonly op: 'ST_MEM' | 'ST_UMEM'; readonly offset: number; readonly size: number }
  | { readonly op: 'ST_STRING' | 'ST_USTRING' | 'ST_SYMSTR'; readonly offset: number; readonly size: number }
  | { readonly op: 'ST_EDATA'; readonly offset: number }
  | { readonly op: 'MOD_BF'; readonly base: number; readonly left: number; readonly right: number }
  | { readonly op: 'LP_ARRAY'; readonly count: number }
  | { readonly op: 'END' };

/** What one argument does, as at most 16 operations (spec 04). Independent of how it is run. */
export type FetchProgram = readonly FetchOp[];
