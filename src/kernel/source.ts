import type { SymbolMemory } from './symbol-memory.js';
import type { Architecture, DialectFeatures, FileFacts } from './types.js';

/** The small facts that every kernel source knows at once: what `facts.json` of a bundle holds (docs/bundles.md). */
export interface KernelFacts {
  /** `uname -r`. */
  readonly release: string;
  readonly arch: Architecture;
  /** What the probe language understands; `undefined` where nobody told: then the kernel's own types are asked. */
  readonly features: DialectFeatures | undefined;
  /** Number of possible processors. */
  readonly possibleCpus: number;
  readonly config: ReadonlyMap<string, string | number>;
  readonly fileFacts: FileFacts | undefined;
}

/** The files of a bundle other than `facts.json` and the modules' types (docs/bundles.md). */
export type KernelPart =
  | 'vmlinux.btf'
  | 'kallsyms'
  | 'available_filter_functions'
  | 'available_filter_functions_addrs'
  | 'kprobes-blacklist'
  | 'tracepoints'
  | 'available_events'
  | 'event-formats';

/**
 * Where the facts of one kernel come from: a bundle's folder, this machine's files, or bytes in memory.
 * Each method is asked once for a part, and only when somebody needs it; again only after `reread`. The bytes are not
 * compressed, belong to the kernel from then on, and must not change.
 */
export interface KernelSource {
  /** How the user named this kernel. */
  readonly name: string;
  readonly facts: KernelFacts;
  /** The bytes of a part; `undefined` when this source has none. Throws a `KernelError` when they cannot be read. */
  read(part: KernelPart): Uint8Array | undefined;
  /**
   * A part in pieces, where its beginning can be had long before its end; asked instead of `read` where there is more than
   * one way to go. `return` gives up the rest.
   */
  pieces?(part: KernelPart): Iterator<Uint8Array> | undefined;
  /** `Btf.starts` of the types of vmlinux, where they were parsed before. Asked after the types were read. */
  readonly typeStarts?:
    | {
        find(): Int32Array | undefined;
        keep(starts: Int32Array): void;
      }
    | undefined;
  /** What is known of symbols of this build without reading them. */
  readonly symbolMemory?: SymbolMemory | undefined;
  /** Names of the modules whose types can be read, in any order. */
  typedModules(): readonly string[];
  /** A module's split BTF; `undefined` when there is none. Asked again after the module was loaded again. */
  moduleBtf(module: string): Uint8Array | undefined;
  /** Loaded modules in load order, where the source knows better than kallsyms (a live kernel without rights to it). */
  modules?(): readonly string[] | undefined;
  /** The `format` file of one event, where the source has them apart; used instead of `event-formats`. */
  eventFormat?(group: string, name: string): Uint8Array | undefined;
}
