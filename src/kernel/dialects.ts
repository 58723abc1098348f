import { buildDialect, dialectFeatures } from './dialect.js';
import type { Manners } from './manners.js';
import type { Dialect, DialectFeatures } from './types.js';

// All that differs between kernels' probe languages stands in this table: a dialect is a row. Nothing else asks for
// a version. What no kernel here can confirm is marked `described` (docs/dialects.md).

/** A dialect that is known by name. */
export interface NamedDialect {
  /** The first release of Linux that speaks so, or what else it is called. */
  readonly name: string;
  /** Was a kernel asked, or is the row read from public sources? */
  readonly source: 'asked' | 'described';
  readonly summary: string;
  readonly dialect: Dialect;
}

interface Row extends Omit<NamedDialect, 'dialect'> {
  /** A kernel with this feature, and none of a later row's, behaves as this row says. Rows without are only for asking. */
  readonly shownBy?: keyof DialectFeatures;
  /** Features that the row before does not have. */
  readonly adds: readonly (keyof DialectFeatures)[];
  readonly manners: Partial<Manners>;
  /** Texts that differ from those of the newest kernel; `null`: the kernel has no such error and logs nothing. */
  readonly messages?: Readonly<Record<string, string | null>>;
}

const oldestManners: Manners = {
  unknownSymbolErrno: 'ENOENT',
  ambiguousSymbolErrno: 'EADDRNOTAVAIL',
  findsSymbolsFirst: false,
  longBodyErrno: 'EINVAL',
  fullProgramErrno: 'EINVAL',
  maxactiveOnProbe: 'MAXACT_NO_KPROBE',
  argumentElsewhere: 'BAD_VAR',
  unknownField: { code: 'BAD_ATTACH_ARG', errno: 'ENOENT', atWord: true },
  exactRetval: true,
  silentTextType: true,
  fixedColumn: true,
  userSymbols: true,
  dropsExtraArguments: true,
  largestRecord: Number.POSITIVE_INFINITY,
  groupOnlyNames: false,
  filtersByFunction: false,
  unknownTracepoint: 'refused',
  checksTracepointNames: false,
  refusesTracepointRetval: true,
  oneProbePerTracepoint: false,
  memberSearch: 'stacked',
  bitfieldFlag: 'container',
};

/** Oldest first; features and manners add up from row to row, texts do not. */
const rows: readonly Row[] = [
  {
    name: '5.15',
    source: 'described',
    summary: 'eprobes without filters and reasons; no symstr, no BTF',
    shownBy: 'eprobe',
    adds: ['eprobe', 'functionArgs', 'userDeref', 'immediates', 'ustring', 'arrays', 'appendEvents'],
    manners: {},
    messages: {
      BAD_VAR: 'Invalid $-valiable specified',
      NO_EVENT_INFO: null,
      BAD_ATTACH_EVENT: null,
      BAD_ATTACH_ARG: null,
    },
  },
  {
    name: '6.1',
    source: 'asked',
    summary: 'filters of eprobes, symstr, GROUP/ as a name, ambiguous symbols refused',
    shownBy: 'eprobeFilter',
    adds: ['eprobeFilter', 'symstr'],
    manners: { findsSymbolsFirst: true, groupOnlyNames: true, largestRecord: 3072 },
    messages: {},
  },
  {
    name: 'v4',
    source: 'described',
    summary: 'members of structs as first posted (v4 of the series, July 2023), its mistakes included',
    adds: ['fprobe', 'tprobe', 'btfArgs', 'btfFields', 'charType'],
    manners: {
      findsSymbolsFirst: false,
      largestRecord: Number.POSITIVE_INFINITY,
      maxactiveOnProbe: 'BAD_MAXACT_TYPE',
      unknownField: { code: 'BAD_VAR', errno: 'EINVAL', atWord: true },
      exactRetval: false,
      fixedColumn: false,
      userSymbols: false,
      filtersByFunction: true,
      refusesTracepointRetval: false,
      memberSearch: 'as-first-posted',
      bitfieldFlag: 'outermost',
    },
    messages: { NOFENTRY_ARGS: '$arg* can be used only on function entry' },
  },
  {
    name: '6.6',
    source: 'described',
    summary: 'f and t events, BTF names and members; nothing of a function’s arguments at its return',
    shownBy: 'charType',
    adds: [],
    manners: {
      findsSymbolsFirst: true,
      largestRecord: 3072,
      silentTextType: false,
      dropsExtraArguments: false,
      refusesTracepointRetval: true,
      memberSearch: 'stacked',
    },
    messages: { NOFENTRY_ARGS: '$arg* can be used only on function entry' },
  },
  {
    name: '6.9',
    source: 'described',
    summary: 'arguments of a function at its return',
    shownBy: 'returnArgs',
    adds: ['returnArgs'],
    manners: { argumentElsewhere: 'NOFENTRY_ARGS' },
    messages: {},
  },
  {
    name: '6.12',
    source: 'asked',
    summary: '%pd and %pD; t events on tracepoints that are not there yet',
    shownBy: 'dentryPath',
    adds: ['dentryPath'],
    manners: {
      unknownSymbolErrno: 'EINVAL',
      ambiguousSymbolErrno: 'EINVAL',
      longBodyErrno: 'E2BIG',
      fullProgramErrno: 'E2BIG',
      unknownField: { code: 'BAD_VAR', errno: 'EINVAL', atWord: false },
      unknownTracepoint: 'waits',
      checksTracepointNames: true,
      oneProbePerTracepoint: true,
      bitfieldFlag: 'container',
    },
    messages: {},
  },
  {
    name: 'newest',
    source: 'described',
    summary: 'everything that btfprobe understands, whoever understands it',
    adds: dialectFeatures,
    manners: {},
    messages: {},
  },
];

/** Known dialects, oldest first. */
export const dialects: readonly NamedDialect[] = addUp(rows);

/** The dialect that understands everything known here. */
export const newestDialect: Dialect = dialects.at(-1)!.dialect;

/** The dialect of that name (`6.6`, `v4`), or `undefined`. */
export function findDialect(name: string): NamedDialect | undefined {
  return dialects.find(dialect => dialect.name === name);
}

/** A kernel that has just these features, judging as the newest row that they show does. */
export function dialectOf(features: DialectFeatures): Dialect {
  const at = rows.findLastIndex(({ shownBy }) => shownBy !== undefined && features[shownBy]);
  const { name, manners, messages } = dialects[Math.max(0, at)]!.dialect;
  return { ...buildDialect(feature => features[feature]), name, isRow: false, manners, messages };
}

/** The features alone, as a bundle keeps them. */
export function featuresOf(dialect: DialectFeatures): DialectFeatures {
  return buildDialect(feature => dialect[feature]);
}

function addUp(from: readonly Row[]): readonly NamedDialect[] {
  const had = new Set<keyof DialectFeatures>();
  let manners = oldestManners;
  return from.map(({ name, source, summary, adds, manners: changes, messages }) => {
    for (const feature of adds) had.add(feature);
    manners = { ...manners, ...changes };
    const features = buildDialect(feature => had.has(feature));
    return {
      name,
      source,
      summary,
      dialect: { ...features, name, isRow: true, manners, messages: messages ?? {} },
    };
  });
}
