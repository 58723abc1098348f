import type { Diagnostic } from '../language/index.js';

/** What the kernel itself said when it refused a definition. */
export interface KernelRefusal {
  /** Symbolic errno of the failed write. */
  readonly errno: string;
  /** The kernel's message; `undefined` where it logs nothing (spec 14 R14-23). */
  readonly message: string | undefined;
  /** `trace_fprobe`, `trace_kprobe`, ...; `undefined` where nothing is logged. */
  readonly subsystem: string | undefined;
  /** What the kernel shows after `Command: `, with the group that the user wrote. Bytes, one per character. */
  readonly command: string;
  /** 0-based byte column in `command`; `undefined` without a log entry. */
  readonly caret: number | undefined;
}

/**
 * Why a backend could not open a session:
 * `definition` a definition is refused; `event` an event to follow does not exist; `attach` the kernel took a
 * definition and would not enable it; `unsupported` this backend cannot do what is asked; `system` a file or call of
 * the system failed (see `cause`); `aborted` the caller's signal came first.
 */
export type BackendErrorCode = 'definition' | 'event' | 'attach' | 'unsupported' | 'system' | 'aborted';

/** What a `BackendError` knows beyond its message. */
export interface BackendErrorDetails {
  readonly definition?: string;
  readonly diagnostics?: readonly Diagnostic[];
  readonly kernel?: KernelRefusal;
  readonly disagreement?: boolean;
  readonly hints?: readonly string[];
  readonly log?: string;
  readonly isLeft?: boolean;
  readonly cause?: unknown;
}

/** A session that could not be opened. Nothing is left attached when it is thrown; if something had to be, the hints say what. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
  readonly code: BackendErrorCode;
  /** The definition or `group:event` to blame, as the user wrote it. */
  readonly definition: string | undefined;
  /** Our verdict on the definition; empty where we would have accepted it. */
  readonly diagnostics: readonly Diagnostic[];
  /** The kernel's verdict; `undefined` where the kernel accepted or was not asked. */
  readonly kernel: KernelRefusal | undefined;
  /** True when the kernel was asked and its verdict differs from ours. */
  readonly disagreement: boolean;
  /** What to do next. */
  readonly hints: readonly string[];
  /** All that the kernel's verifier said of a program that it refused. */
  readonly log: string | undefined;
  /** True when something of the failed start could not be taken down: the hints say what. */
  readonly isLeft: boolean;

  constructor(code: BackendErrorCode, message: string, details: BackendErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.definition = details.definition;
    this.diagnostics = details.diagnostics ?? [];
    this.kernel = details.kernel;
    this.disagreement = details.disagreement ?? false;
    this.hints = details.hints ?? [];
    this.log = details.log;
    this.isLeft = details.isLeft ?? false;
  }

  /** The same error with more to do next; `isLeft`: as something could not be taken down. */
  withHints(more: readonly string[], isLeft = this.isLeft): BackendError {
    const { definition, diagnostics, kernel, disagreement, log, cause } = this;
    return new BackendError(this.code, this.message, {
      ...(definition !== undefined && { definition }),
      ...(kernel !== undefined && { kernel }),
      ...(log !== undefined && { log }),
      diagnostics,
      disagreement,
      isLeft,
      hints: [...this.hints, ...more],
      cause,
    });
  }
}
