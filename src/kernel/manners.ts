/**
 * How a kernel judges where that changed between kernels and no README tells it (spec 06). Columns and errnos are
 * those of the error log and of `write`.
 */
export interface Manners {
  /** Errno of a kprobe symbol that is not there, and of one that stands for several functions. */
  readonly unknownSymbolErrno: 'ENOENT' | 'EINVAL';
  readonly ambiguousSymbolErrno: 'EADDRNOTAVAIL' | 'EINVAL';
  /** Kprobe symbols are looked up while the place is parsed, and must stand for one function. */
  readonly findsSymbolsFirst: boolean;
  /** Errno of an argument body that is too long. */
  readonly longBodyErrno: 'EINVAL' | 'E2BIG';
  /** Errno of a program without room for the store or the loop. */
  readonly fullProgramErrno: 'EINVAL' | 'E2BIG';
  /** `p100 ...`. */
  readonly maxactiveOnProbe: 'MAXACT_NO_KPROBE' | 'BAD_MAXACT_TYPE';
  /** `$argN` where a function does not begin. */
  readonly argumentElsewhere: 'BAD_VAR' | 'NOFENTRY_ARGS';
  /** A field that the attached event does not have; the column stands at the word then, not at the `$`. */
  readonly unknownField: {
    readonly code: 'BAD_ATTACH_ARG' | 'BAD_VAR';
    readonly errno: 'ENOENT' | 'EINVAL';
    readonly atWord: boolean;
  };
  /** `$retval` must stand alone; later kernels take what follows for a name. */
  readonly exactRetval: boolean;
  /** `$comm` with another type than `string` is refused without a log entry. */
  readonly silentTextType: boolean;
  /** The column of errors about the result stays at the body's start, whatever was parsed. */
  readonly fixedColumn: boolean;
  /** uprobes take `symbol` and `symstr`. */
  readonly userSymbols: boolean;
  /** Arguments beyond the 128th are dropped without a word, instead of refused. */
  readonly dropsExtraArguments: boolean;
  /** Bytes of all arguments' fixed parts together; more is refused. */
  readonly largestRecord: number;
  /** `GROUP/` alone is a name. */
  readonly groupOnlyNames: boolean;
  /** Filters of eprobes know `.function`, `CPUS{}` and the field `stacktrace`. */
  readonly filtersByFunction: boolean;
  /** `t`: what becomes of a tracepoint that is not there, or is a module's. */
  readonly unknownTracepoint: 'waits' | 'refused';
  /** `t`: only letters, digits and `_` may stand in the name. */
  readonly checksTracepointNames: boolean;
  /** `t`: a `$retval` is refused before anything else; else it makes a return event of it. */
  readonly refusesTracepointRetval: boolean;
  /** A tracepoint takes a single `t` event. */
  readonly oneProbePerTracepoint: boolean;
  /** How a member is searched, see `Btf.findMember` and `Btf.findMemberAsFirstPosted`. */
  readonly memberSearch: 'stacked' | 'as-first-posted';
  /** Whose flag says that a member's offset also holds a bitfield's width: its container's, or that of the struct searched. */
  readonly bitfieldFlag: 'container' | 'outermost';
}
