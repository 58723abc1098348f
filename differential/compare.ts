import type { Kernel } from '../src/kernel/index.js';
import { type Answer, answerQuestion } from '../src/language/index.js';
import { differences, type Recorded } from '../test/conformance/recorded.js';

/** A case in which our answer is not the kernel's. */
export interface Disagreement {
  readonly theirs: Recorded;
  /** `undefined`: we threw. */
  readonly ours: Answer | undefined;
  /** What differs, and for verdicts who said what: the same text where the cause is probably the same. */
  readonly cause: string;
}

/** Our answer compared with the kernel's. `undefined`: they agree in every aspect that is certain. */
export function disagreementOn(kernel: Kernel, recorded: Recorded): Disagreement | undefined {
  let ours: Answer;
  try {
    ours = answerQuestion(kernel, recorded);
  } catch (error) {
    const cause = `we threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
    return { theirs: recorded, ours: undefined, cause };
  }
  const theirs = withoutChance(recorded, ours);
  const different: string[] = differences(ours, theirs);
  if (JSON.stringify(ours.setupErrno) !== JSON.stringify(theirs.setupErrno)) different.push('setup');
  if (different.length === 0) return undefined;
  const isVerdict = different.some(aspect => aspect === 'errno' || aspect === 'message');
  const cause = isVerdict
    ? `kernel: ${verdict(theirs)}; ours: ${verdict(ours)}`
    : `${different.join(', ')} of: ${verdict(theirs)}`;
  return { theirs, ours, cause };
}

/** Marks the caret as uncertain where the kernel's column is a stray address (docs/ask.md). */
function withoutChance(recorded: Recorded, ours: Answer): Recorded {
  const logs = ours.logs ?? (ours.log === null ? [] : [ours.log]);
  return logs.some(({ caret }) => caret === null) ? { ...recorded, unstable: ['caret'] } : recorded;
}

/** Said in few words: accepted, or the errno and the message. */
export function verdict({ errno, log }: Pick<Answer, 'errno' | 'log'>): string {
  if (errno === null) return 'accepted';
  return `${errno} ${log === null ? 'without a log entry' : JSON.stringify(log.message)}`;
}
