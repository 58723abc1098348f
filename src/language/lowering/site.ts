import { type Architecture, type Dialect, type Kernel, withDialect } from '../../kernel/index.js';
import type { Diagnostic } from '../diagnostic.js';
import { ProbeEvents } from '../probe-events.js';
import type { LoweredPlace } from './lower-place.js';
import { meaningOf } from './meaning.js';

/** The group that lines are judged in: nobody else's event can be in the way. */
export const judgedName = 'btfprobe_lowering/event';

/** Where lowered arguments stand: a place of a kernel, with what may be written there. */
export interface LoweredSite {
  readonly arch: Architecture;
  /** Parameters in front of `$arg1`. */
  readonly hidden: number;
  /** Return probes keep the function's arguments. */
  readonly keepsArguments: boolean;
  readonly takesNames: boolean;
  readonly takesRegisters: boolean;
  /**
   * True where every judge takes the argument word and reads it as `meaning`; otherwise the verdict, or `undefined` where
   * one takes it and means something else.
   */
  judge(word: string, meaning: string): true | Diagnostic | undefined;
}

/** Forms a kernel may be told in: its own dialect's, or plain ones that every kernel knows. */
export type LoweredForm = 'newest' | 'plain';

/** What a dialect loses when only plain forms are wanted. */
export function plainDialect(dialect: Dialect): Dialect {
  const { fprobe, tprobe, btfArgs, btfFields, charType, dentryPath, ...plain } = dialect;
  return {
    ...plain,
    fprobe: false,
    tprobe: false,
    btfArgs: false,
    btfFields: false,
    charType: false,
    dentryPath: false,
  };
}

/** A place of `target` as lowered arguments see it. */
export function loweredSite(
  target: Kernel,
  forms: Dialect,
  { kind, isReturn, maxactive, words: [place] }: LoweredPlace,
): LoweredSite {
  // What only looks plain must be plain to a kernel without the rest of the language, and right on the one that it is for.
  const judges = forms === target.dialect ? [target] : [target, withDialect(target, forms)];
  const head = `${headWord(kind, maxactive, judgedName)} ${place}`;
  const isKprobe = kind === 'p' || kind === 'r';
  return {
    arch: target.arch,
    hidden: kind === 't' ? 1 : 0,
    keepsArguments: forms.returnArgs,
    takesNames: forms.btfArgs,
    takesRegisters: isKprobe && !isReturn,
    judge(word, meaning) {
      for (const kernel of judges) {
        using events = new ProbeEvents(kernel);
        const judgement = events.define(`${head} ${word}`);
        if (!judgement.accepted) return judgement.diagnostics[0];
        const { event } = judgement;
        const argument = event?.args[0];
        if (event === undefined || argument === undefined) return undefined;
        if (meaningOf(event, argument, kernel.arch) !== meaning) return undefined;
      }
      return true;
    },
  };
}

/** `r16:group/event`. */
export function headWord(kind: string, maxactive: number, name: string): string {
  return `${kind}${maxactive === 0 ? '' : maxactive}:${name}`;
}
