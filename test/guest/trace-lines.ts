/** The lines that both sides of a comparison gave for the same hits. */
export interface TwinLines {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** Records lost by btfprobe's buffers and, per CPU, by those of the twins. */
  readonly lost: number;
  readonly lostByTwins: readonly number[];
}

/** The lines of one event on one CPU, in order: task and everything from the event's name on. */
export interface Comparison {
  readonly cpu: string;
  readonly event: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** A trace line: task, CPU, flags, time, event, text. */
const LINE = /^\s*(.+-\d+)\s+\[(\d+)\] \S{5}\s+[\d.]+: (\S+): (.*)$/s;

/** A line of a trace in its parts. Throws on one of another form. */
export function parseTraceLine(line: string) {
  const match = LINE.exec(line);
  if (match === null) throw new Error(`not a trace line: ${line}`);
  const [, task, cpu, event, text] = match as unknown as [string, string, string, string, string];
  return { task, cpu, event, text };
}

/** Sorts both sides' lines by CPU and event. Throws on a line of another form. */
export function compareTwins({ ours, theirs }: TwinLines): Comparison[] {
  const sides = [byPlace(ours), byPlace(theirs)] as const;
  const places = [...new Set(sides.flatMap(side => [...side.keys()]))].sort();
  return places.map(place => {
    const [cpu, event] = place.split(' ') as [string, string];
    const [left, right] = sides.map(side => side.get(place) ?? []) as [string[], string[]];
    return { cpu, event, ...alike(left, right) };
  });
}

/**
 * Takes out the one difference that twins make by themselves: of two kretprobes on a function the outer one sees the
 * trampoline of the other as the place returned to.
 */
function alike(ours: readonly string[], theirs: readonly string[]): { ours: string[]; theirs: string[] } {
  const trampoline = /\(\[unknown\/kretprobe'd\] <- /;
  const place = /\(\S+(?: \[\w+\])? <- /;
  const blank = (line: string, other: string | undefined): string =>
    trampoline.test(line) !== trampoline.test(other ?? line) ? line.replace(place, '(? <- ') : line;
  return {
    ours: ours.map((line, index) => blank(line, theirs[index])),
    theirs: theirs.map((line, index) => blank(line, ours[index])),
  };
}

function byPlace(lines: readonly string[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const line of lines) {
    const { task, cpu, event, text } = parseTraceLine(line);
    const place = `${cpu} ${event}`;
    const found = places.get(place) ?? [];
    found.push(`${task} ${event}: ${text}`);
    places.set(place, found);
  }
  return places;
}
