/** How the text of `report` and the kernel's own text of the same records compare. */
export interface TextComparison {
  /** Lines of records. */
  readonly lines: number;
  /** Names of the events in them. */
  readonly events: ReadonlySet<string>;
  /** By name of the event: how many lines differ, and the first of them as both sides have it. */
  readonly different: ReadonlyMap<string, { count: number; readonly ours: string; readonly theirs: string }>;
}

/** System calls have no name in front: `sys_read(...` and `sys_read -> ...`. */
const EVENT = /^.{16}-\d+\s+\[\d+\] \S{5}\s+[\d.]+: (\w+(?=: )|sys_\w+(?:\(| ->))/s;

/** Compares line by line. Throws when there are more lines on one side. */
export function compareTexts(ours: string, theirs: string): TextComparison {
  const [left, right] = [ours.split('\n'), theirs.split('\n')];
  if (left.length !== right.length)
    throw new Error(`${left.length} lines of ours, ${right.length} of the kernel's`);
  const events = new Set<string>();
  const different = new Map<string, { count: number; ours: string; theirs: string }>();
  let lines = 0;
  right.forEach((line, index) => {
    const event = EVENT.exec(line)?.[1];
    if (event !== undefined) {
      lines++;
      events.add(event);
    }
    const own = left[index]!;
    if (own === line) return;
    const found = different.get(event ?? '');
    if (found === undefined) different.set(event ?? '', { count: 1, ours: own, theirs: line });
    else found.count++;
  });
  return { lines, events, different };
}
