/** One entry of `error_log` (spec 05 section 1, spec 14 R14-21). */
export interface ErrorLogEntry {
  /** Seconds and microseconds as printed, `4.162484`. */
  readonly time: string;
  readonly subsystem: string;
  readonly message: string;
  /** Words joined by single blanks. Bytes, one per character. */
  readonly command: string;
  /** 0-based byte column in `command`; may lie beyond its end. */
  readonly caret: number;
}

const LOG_HEAD = /^\[ *(\d+\.\d+)\] (.*?): error: (.*)$/;
const LOG_COMMAND = '  Command: ';

/** Reads `error_log`, oldest entry first. Lines that belong to no entry are passed over. */
export function parseErrorLog(text: string): ErrorLogEntry[] {
  const entries: ErrorLogEntry[] = [];
  const lines = text.split('\n');
  for (let index = 0; index + 2 < lines.length; index++) {
    const head = LOG_HEAD.exec(lines[index]!);
    if (head === null || !lines[index + 1]!.startsWith(LOG_COMMAND)) continue;
    // A filter's text may hold newlines: the caret line is the first that has nothing else.
    let last = index + 2;
    while (last < lines.length && !/^ *\^$/.test(lines[last]!)) last++;
    if (last === lines.length) break;
    const command = lines
      .slice(index + 1, last)
      .join('\n')
      .slice(LOG_COMMAND.length);
    const caret = lines[last]!.length - 1 - LOG_COMMAND.length;
    entries.push({ time: head[1]!, subsystem: head[2]!, message: head[3]!, command, caret });
    index = last;
  }
  return entries;
}

/** The text that the kernel shows after `Command: ` for a line written to it (spec 05 section 1.1). Bytes, one per character. */
export function commandText(line: string): string {
  const comment = line.indexOf('#');
  const kept = comment < 0 ? line : line.slice(0, comment);
  return kept
    .split(/[ \t\n\v\f\r\xa0]+/)
    .filter(word => word !== '')
    .join(' ');
}

/** What one CPU's buffer counted (spec 11 section 6). Counts of events; `bytes` of unread data. */
export interface CpuStats {
  readonly entries: number;
  readonly overrun: number;
  readonly commitOverrun: number;
  readonly bytes: number;
  readonly dropped: number;
  readonly read: number;
}

/** Reads `per_cpu/cpuN/stats`; `undefined` when a line that must be there is not. */
export function parseCpuStats(text: string): CpuStats | undefined {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([a-z ]+): +(\d+)$/.exec(line);
    if (match !== null) values.set(match[1]!, Number(match[2]));
  }
  const [entries, overrun, commitOverrun, bytes, dropped, read] = [
    'entries',
    'overrun',
    'commit overrun',
    'bytes',
    'dropped events',
    'read events',
  ].map(name => values.get(name));
  if (entries === undefined || overrun === undefined || commitOverrun === undefined) return undefined;
  if (bytes === undefined || dropped === undefined || read === undefined) return undefined;
  return { entries, overrun, commitOverrun, bytes, dropped, read };
}

/** Reads `saved_cmdlines`: command names by pid. Bytes, one per character. */
export function parseSavedCmdlines(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const match = /^(\d+) (.*)$/.exec(line);
    if (match !== null) names.set(Number(match[1]), match[2]!);
  }
  return names;
}

/** A line of `dynamic_events`, taken apart as far as a session needs it (spec 14 R14-20). */
export interface ListedProbe {
  /** `f`, `t`, `p`, `r`, `e`, `s` (synthetic). */
  readonly kind: string;
  readonly group: string;
  readonly name: string;
  /** The word after the name: symbol, tracepoint, address, path or event. */
  readonly place: string;
  /** The whole line. */
  readonly line: string;
}

/** Reads the listing of `dynamic_events`. Lines of a form not known here are passed over. */
export function parseDynamicEvents(text: string): ListedProbe[] {
  const probes: ListedProbe[] = [];
  for (const line of text.split('\n')) {
    const match = /^([a-z])\d*:([^/ ]+)\/(\S+)(?: (\S+))?/.exec(line);
    if (match === null) continue;
    probes.push({ kind: match[1]!, group: match[2]!, name: match[3]!, place: match[4] ?? '', line });
  }
  return probes;
}

/** One probe of `kprobe_profile`. */
export interface ProfiledProbe {
  /** The event's name; its group is not told. */
  readonly name: string;
  readonly hits: number;
  /** Hits that came while this processor handled another kprobe, or for which no return instance was free. */
  readonly missed: number;
}

/** Reads `kprobe_profile`, which lists probes in the order of `kprobe_events` (spec 14). */
export function parseKprobeProfile(text: string): ProfiledProbe[] {
  return Array.from(text.matchAll(/^ *(\S+) +(\d+) +(\d+)$/gm), ([, name, hits, missed]) => ({
    name: name!,
    hits: Number(hits),
    missed: Number(missed),
  }));
}

/** A file that lists choices with the current one in brackets: `trace_clock`, `timestamp_mode` (spec 11 R11-41). */
export function parseChoices(text: string): {
  readonly names: readonly string[];
  readonly current: string | undefined;
} {
  let current: string | undefined;
  const names = text
    .trim()
    .split(/\s+/)
    .filter(word => word !== '')
    .map(word => {
      const match = /^\[(.*)\]$/.exec(word);
      if (match !== null) current = match[1];
      return match === null ? word : match[1]!;
    });
  return { names, current };
}
