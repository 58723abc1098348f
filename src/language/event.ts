import type { Btf, TypeId } from '../btf/index.js';
import type { FunctionTypes, RecordLayout } from '../kernel/index.js';
import type { FetchProgram } from './program.js';

/** A fetch type: how a value is stored and printed (spec 03 section 1). */
export interface FetchType {
  /** The text a user writes: `u8`, `x64`, `string`, `b4@2/32`. Types of the same name and row compare equal. */
  readonly name: string;
  /** Bytes of one element in the record (strings: 4, a `__data_loc`). */
  readonly size: number;
  readonly signed: boolean;
  /** Type name in the `format` file. */
  readonly formatType: string;
  /** Conversion in `print fmt`. */
  readonly printFormat: string;
  readonly kind: 'unsigned' | 'signed' | 'hex' | 'char' | 'symbol' | 'string' | 'ustring' | 'symstr';
}

/** One step of a resolved member chain, for explanations. */
export interface MemberStep {
  readonly separator: '->' | '.';
  readonly field: string;
  /** C spelling of the struct looked in. */
  readonly container: string;
  /** Bits from the start of that struct. */
  readonly bitOffset: number;
  /** Bits, 0 = not a bitfield. */
  readonly bitfieldWidth: number;
  readonly type: TypeId;
}

/** How an argument uses BTF. */
export interface BtfUse {
  readonly btf: Btf;
  /** Parameter name, or `$retval`. */
  readonly root: string;
  readonly rootType: TypeId;
  readonly steps: readonly MemberStep[];
  /** Type of the whole chain. */
  readonly type: TypeId;
}

export interface ProbeArgument {
  readonly name: string;
  /** The text after `NAME=` as the kernel lists it. Bytes, one per character. */
  readonly body: string;
  readonly type: FetchType;
  /** Elements, 0 = not an array. */
  readonly count: number;
  /** Bytes from the start of the record. */
  readonly offset: number;
  /** Bytes in the fixed part of the record. */
  readonly size: number;
  readonly program: FetchProgram;
  readonly btf: BtfUse | undefined;
}

/** Kinds of probe events by their first letter. */
export type ProbeKind = 'f' | 't' | 'p' | 'r' | 'e';

/** Where an event is placed. */
export type ProbePlace =
  | {
      readonly kind: 'function';
      /** Name or glob as written, without `%return`. */
      readonly symbol: string;
    }
  | {
      readonly kind: 'tracepoint';
      readonly tracepoint: string;
      /** Stub function, when the tracepoint is known. */
      readonly stub: string | undefined;
    }
  | {
      readonly kind: 'kprobe';
      readonly module: string | undefined;
      readonly symbol: string;
      readonly offset: number;
      /** The module is not loaded yet. */
      readonly pending: boolean;
    }
  | {
      readonly kind: 'address';
      /** As written. */
      readonly address: bigint;
      /** Where the probe goes, behind an ENDBR; `undefined` while no symbol covers the address. */
      readonly site: bigint | undefined;
    }
  | {
      readonly kind: 'uprobe';
      /** As written. */
      readonly path: string;
      /** Equal for names of one file. */
      readonly identity: string;
      /** Bytes from the start of the file. */
      readonly offset: bigint;
      readonly refCounter: bigint;
    }
  | { readonly kind: 'event'; readonly group: string; readonly name: string };

/** A definition the kernel would accept: resolved and compiled. Pure description; nothing of it exists in a kernel yet. */
export interface ProbeEvent extends Disposable {
  readonly kind: ProbeKind;
  /** Fires at function return. */
  readonly isReturn: boolean;
  readonly group: string;
  readonly name: string;
  readonly place: ProbePlace;
  /** Return instances; 0 = not given. Negative where the kernel took a large number for one and waits. */
  readonly maxactive: number;
  readonly args: readonly ProbeArgument[];
  /** Programs that save arguments at function entry for use at return (ARG n, ST_EDATA offset); empty without. */
  readonly entryProgram: FetchProgram;
  readonly layout: RecordLayout;
  /** Prototype used for names; holds its module's types until the event is disposed. */
  readonly prototype: FunctionTypes | undefined;
  /** The line of `dynamic_events`. Bytes, one per character. */
  readonly listing: string;
}
