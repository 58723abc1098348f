/** Half-open byte range. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A change of the written definition. */
export interface Suggestion {
  /** Bytes, one per character. */
  readonly replacement: string;
  /** What it replaces; empty where it is put in between. */
  readonly span: Span;
}

/** Why a definition is refused: the kernel's words first, ours after (spec 05). */
export interface Diagnostic {
  /** The kernel's name of the error (`NO_BTF_FIELD`), or one of ours for failures the kernel does not log. */
  readonly code: string;
  /** The kernel's message; ours where it logs nothing. */
  readonly message: string;
  /** `trace_fprobe`, `trace_kprobe`, `trace_uprobe`, `event_probe`; `undefined` where the kernel logs nothing. */
  readonly subsystem: string | undefined;
  /** Symbolic errno of the failed write. */
  readonly errno: string;
  /** 0-based byte column in `command`; `undefined` where the kernel's own column is a stray address (spec 05 section 1.2). */
  readonly caret: number | undefined;
  /** The text that the kernel shows after `Command: `. Bytes, one per character. */
  readonly command: string;
  /** Bytes of the written definition that are to blame. */
  readonly span: Span;
  /** What to do next, in our words; the judge leaves them empty (`withHints`). */
  readonly hints: readonly string[];
  /** Changes that an editor can make, the likeliest first. */
  readonly suggestions?: readonly Suggestion[];
}

/** What will go wrong with a definition that the kernel accepts. */
export interface Warning {
  /** A name of ours. */
  readonly code: string;
  readonly message: string;
  /** Bytes of the written definition that it is about. */
  readonly span: Span;
  readonly hints: readonly string[];
  readonly suggestions: readonly Suggestion[];
}
