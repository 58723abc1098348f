import type { Dialect } from '../kernel/index.js';
import type { KernelErrorCode } from './messages.js';

/**
 * How a kernel refuses, where that changed between kernels and no README tells it (spec 06 section 2). A kernel is
 * told by the features it has; one row for each that behaves differently.
 */
export interface Manners {
  /** Errno of a kprobe symbol that is not there, and of one that stands for several functions. */
  readonly unknownSymbolErrno: string;
  readonly ambiguousSymbolErrno: string;
  /** Errno of an argument body that is too long. */
  readonly longBodyErrno: string;
  /** `p100 ...`. */
  readonly maxactiveOnProbe: KernelErrorCode;
  /** `$argN` where a function does not begin. */
  readonly argumentElsewhere: KernelErrorCode;
  /** A field that the attached event does not have; the column stands at the word then, not at the `$`. */
  readonly unknownField: { readonly code: KernelErrorCode; readonly errno: string; readonly atWord: boolean };
  /** `$retval` must stand alone; later kernels take what follows for a name. */
  readonly exactRetval: boolean;
  /** `$comm` with another type than `string` is refused without a log entry. */
  readonly silentTextType: boolean;
  /** The column of errors about the result stays at the body's start, whatever was parsed. */
  readonly fixedColumn: boolean;
  /** uprobes take `symbol` and `symstr`. */
  readonly userSymbols: boolean;
  /** Kernel probes drop arguments beyond the 128th without a word, instead of refusing. */
  readonly dropsExtraArguments: boolean;
}

const early: Manners = {
  unknownSymbolErrno: 'ENOENT',
  ambiguousSymbolErrno: 'EADDRNOTAVAIL',
  longBodyErrno: 'EINVAL',
  maxactiveOnProbe: 'MAXACT_NO_KPROBE',
  argumentElsewhere: 'BAD_VAR',
  unknownField: { code: 'BAD_ATTACH_ARG', errno: 'ENOENT', atWord: true },
  exactRetval: true,
  silentTextType: true,
  fixedColumn: true,
  userSymbols: true,
  dropsExtraArguments: true,
};

const recent: Manners = {
  unknownSymbolErrno: 'EINVAL',
  ambiguousSymbolErrno: 'EINVAL',
  longBodyErrno: 'E2BIG',
  maxactiveOnProbe: 'BAD_MAXACT_TYPE',
  argumentElsewhere: 'NOFENTRY_ARGS',
  unknownField: { code: 'BAD_VAR', errno: 'EINVAL', atWord: false },
  exactRetval: false,
  silentTextType: false,
  fixedColumn: false,
  userSymbols: false,
  dropsExtraArguments: false,
};

/** Kernels before BTF arguments (6.5) refuse in the early way. */
export function mannersOf(dialect: Dialect): Manners {
  return dialect.btfArgs ? recent : early;
}
