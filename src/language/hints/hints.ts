import type { Kernel } from '../../kernel/index.js';
import type { Diagnostic, Suggestion } from '../diagnostic.js';
import type { Refused } from '../judgement.js';
import { parseDefinition } from '../syntax.js';
import { Advice } from './advice.js';
import { adviseOnAttached, adviseOnAttachedName, adviseOnFilter, adviseOnTracepointName } from './events.js';
import { adviseOnNoTypes, adviseOnPlace, adviseOnSeveral } from './functions.js';
import {
  adviseOnArrow,
  adviseOnDot,
  adviseOnHyphen,
  adviseOnMissingField,
  adviseOnNoStruct,
} from './members.js';
import { argumentAt, type FindUserSymbol, type Mistake } from './mistake.js';
import { adviseOnBadName, adviseOnLongName, adviseOnTakenEvent, adviseOnUsedName } from './names.js';
import {
  adviseOnElsewhere,
  adviseOnManyNames,
  adviseOnNoNames,
  adviseOnParameter,
  adviseOnReturn,
  adviseOnVariadic,
  adviseOnVoid,
} from './parameters.js';
import { adviseOnSilence } from './silent.js';
import { openSite } from './site.js';
import {
  adviseOnArray,
  adviseOnBitfield,
  adviseOnLength,
  adviseOnMemory,
  adviseOnSize,
  adviseOnSymbolText,
  adviseOnText,
  adviseOnTextOnly,
  adviseOnType,
} from './types.js';
import {
  adviseOnArgumentNumber,
  adviseOnFetch,
  adviseOnForm,
  adviseOnNumber,
  adviseOnRegister,
  adviseOnVariable,
} from './values.js';

/** What more than a kernel and a line can be asked. */
export interface HintOptions {
  /** Looks symbols of programs up; without it `p PATH:NAME` is explained, but not rewritten. */
  readonly findUserSymbol?: FindUserSymbol | undefined;
}

/** Hints and changes that help with one diagnostic. */
export interface Hints {
  readonly hints: readonly string[];
  readonly suggestions: readonly Suggestion[];
}

const longestArgumentName = 32;

/** What helps, by the kernel's name of the error. */
const advisers: Readonly<Record<string, (mistake: Mistake) => void>> = {
  BAD_PROBE_ADDR: adviseOnPlace,
  FAIL_REG_PROBE: adviseOnPlace,
  NON_UNIQ_SYMBOL: adviseOnSeveral,
  NO_BTF_ENTRY: adviseOnNoTypes,
  BAD_TP_NAME: adviseOnTracepointName,
  BAD_ATTACH_EVENT: adviseOnAttached,
  NO_EVENT_INFO: adviseOnAttachedName,
  NO_BTF_FIELD: adviseOnMissingField,
  NO_PTR_STRCT: adviseOnArrow,
  BAD_BTF_TID: adviseOnNoStruct,
  NOSUP_DAT_ARG: adviseOnDot,
  BAD_HYPHEN: adviseOnHyphen,
  NO_BTFARG: adviseOnParameter,
  NOSUP_BTFARG: adviseOnNoNames,
  NOFENTRY_ARGS: adviseOnElsewhere,
  RETVAL_ON_PROBE: adviseOnReturn,
  NO_RETVAL: adviseOnVoid,
  ARGS_2LONG: adviseOnManyNames,
  NO_ARG_BODY: adviseOnVariadic,
  BAD_VAR: adviseOnVariable,
  BAD_ATTACH_ARG: adviseOnVariable,
  BAD_REG_NAME: adviseOnRegister,
  BAD_FETCH_ARG: adviseOnFetch,
  BAD_ARG_NUM: adviseOnArgumentNumber,
  BAD_STACK_NUM: adviseOnNumber,
  BAD_MEM_ADDR: adviseOnNumber,
  BAD_IMM: adviseOnNumber,
  BAD_FILE_OFFS: adviseOnNumber,
  BAD_DEREF_OFFS: adviseOnNumber,
  DEREF_NEED_BRACE: adviseOnForm,
  DEREF_OPEN_BRACE: adviseOnForm,
  COMM_CANT_DEREF: adviseOnForm,
  IMMSTR_NO_CLOSE: adviseOnForm,
  FILE_ON_KPROBE: adviseOnForm,
  SYM_ON_UPROBE: adviseOnForm,
  TOO_MANY_OPS: adviseOnForm,
  DOUBLE_ARGS: adviseOnForm,
  BAD_TYPE: adviseOnType,
  BAD_TYPE4STR: adviseOnText,
  BAD_STRING: adviseOnMemory,
  BAD_SYMSTRING: adviseOnSymbolText,
  BAD_BITFIELD: adviseOnBitfield,
  ARRAY_NO_CLOSE: adviseOnArray,
  BAD_ARRAY_SUFFIX: adviseOnArray,
  BAD_ARRAY_NUM: adviseOnArray,
  ARRAY_TOO_BIG: adviseOnArray,
  NEED_STRING_TYPE: adviseOnTextOnly,
  ARG_TOO_LONG: adviseOnLength,
  EVENT_TOO_BIG: adviseOnSize,
  BAD_GROUP_NAME: adviseOnBadName,
  BAD_EVENT_NAME: adviseOnBadName,
  BAD_ARG_NAME: adviseOnBadName,
  GROUP_TOO_LONG: adviseOnLongName,
  EVENT_TOO_LONG: adviseOnLongName,
  ARG_NAME_TOO_LONG: mistake => adviseOnLongName(mistake, longestArgumentName),
  USED_ARG_NAME: adviseOnUsedName,
  EVENT_EXIST: adviseOnTakenEvent,
  DIFF_PROBE_TYPE: adviseOnTakenEvent,
  SAME_PROBE: adviseOnTakenEvent,
  SILENT: adviseOnSilence,
};

/** Hints that are the same whatever the line. */
const sayings: Readonly<Record<string, string>> = {
  FILE_NOT_FOUND:
    'the file is looked up on the machine that the kernel runs on; a bundle knows the files that it was recorded with',
  NO_REGULAR_FILE: 'a uprobe goes into a program or a library',
  BAD_REFCNT: 'the reference counter is an offset in the file: PATH:OFFSET(0x...)',
  REFCNT_OPEN_BRACE: 'the closing ) of the reference counter is missing',
  BAD_REFCNT_SUFFIX: 'the reference counter stands last: PATH:OFFSET%return(COUNTER)',
  BAD_UPROBE_OFFS: 'an offset is decimal or 0x...; a name behind the offset is not understood',
  BAD_MAXACT_TYPE: 'a number behind the letter limits return probes: r100 NAME, f100 NAME%return',
  MAXACT_NO_KPROBE: 'a number behind the letter limits return probes: r100 NAME',
  BAD_MAXACT: 'the number behind the letter is 1 to 4096',
  MAXACT_TOO_BIG: 'the number behind the letter is 1 to 4096',
  BAD_RETPROBE: 'a return probe stands at the start of a function: leave the offset out',
  BAD_ADDR_SUFFIX: 'only %return may follow the place, and nothing may follow a tracepoint',
  NO_GROUP_NAME: 'a name is written GROUP/EVENT, EVENT or GROUP/',
  NO_EVENT_NAME: 'behind : a name is missing; leave the : out, and the kernel makes one',
  NO_ARG_NAME: 'in front of = a name is missing',
  BAD_INSN_BNDRY: 'an instruction must begin there: take the offsets from a disassembly of the function',
  DIFF_ARG_TYPE:
    'all probes of one event have the same arguments, by name and type; give this one another name',
  NO_EP_FILTER: "behind if a filter is missing: if pid > 1 && comm == 'sh'",
};

/**
 * What to do about one diagnostic of a definition, in our words, to stand under the kernel's. Takes milliseconds and is
 * not part of judging. Deterministic. Bytes, one per character.
 */
export function hintsFor(
  kernel: Kernel,
  definition: string,
  diagnostic: Diagnostic,
  { findUserSymbol }: HintOptions = {},
): Hints {
  const syntax = parseDefinition(definition);
  const advice = new Advice();
  using site = openSite(syntax, kernel);
  const argument = argumentAt(syntax, diagnostic.span);
  const mistake: Mistake = { diagnostic, kernel, syntax, site, argument, findUserSymbol, advice };
  const adviser =
    diagnostic.subsystem === 'event filter parse error' ? adviseOnFilter : advisers[diagnostic.code];
  adviser?.(mistake);
  const saying = sayings[diagnostic.code];
  if (saying !== undefined) advice.say(saying);
  return { hints: advice.hints, suggestions: advice.suggestions };
}

/** A refusal with the hints of all its diagnostics. The kernel's own words stay as they are. */
export function withHints(
  kernel: Kernel,
  definition: string,
  refused: Refused,
  options: HintOptions = {},
): Refused {
  const advised = new Map<Diagnostic, Diagnostic>();
  const advise = (diagnostic: Diagnostic): Diagnostic => {
    const known = advised.get(diagnostic);
    if (known !== undefined) return known;
    const full = { ...diagnostic, ...hintsFor(kernel, definition, diagnostic, options) };
    advised.set(diagnostic, full);
    return full;
  };
  return { ...refused, log: refused.log.map(advise), diagnostics: refused.diagnostics.map(advise) };
}
