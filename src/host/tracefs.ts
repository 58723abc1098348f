import { parseSavedTgids } from '../records/index.js';
import { HostError } from './error.js';
import { type RawPipe, systemTracefs, type TracefsFiles } from './tracefs-files.js';
import {
  type CpuStats,
  commandText,
  type ErrorLogEntry,
  type ListedProbe,
  parseChoices,
  parseCpuStats,
  parseDynamicEvents,
  parseErrorLog,
  parseKprobeProfile,
  parseSavedCmdlines,
} from './tracefs-text.js';

/** A definition that the kernel refused: the errno of the write and what it logged (spec 14 R14-23). */
export interface Refusal {
  /** Symbolic. */
  readonly errno: string;
  /** The newest entry about this command; `undefined` where the kernel logs nothing. */
  readonly entry: ErrorLogEntry | undefined;
}

/** A mounted tracefs: definitions, errors and instances (spec 14). Every member may throw a `HostError`. */
export class Tracefs {
  readonly files: TracefsFiles;

  constructor(files: TracefsFiles) {
    this.files = files;
  }

  /** The tracefs mounted at `mount`. Throws when it cannot be read. */
  static open(mount: string): Tracefs {
    const tracefs = new Tracefs(systemTracefs(mount));
    tracefs.files.list('instances');
    return tracefs;
  }

  /** Writes one definition or deletion to `dynamic_events`. Returns what the kernel had against it, `undefined` if nothing. */
  define(line: string): Refusal | undefined {
    const before = this.errorLog().at(-1);
    try {
      this.files.write('dynamic_events', line);
      return undefined;
    } catch (error) {
      return this.#refusal(error, line, before);
    }
  }

  /** The same in another thread. */
  async defineMeanwhile(line: string): Promise<Refusal | undefined> {
    const before = this.errorLog().at(-1);
    try {
      await this.files.writeMeanwhile('dynamic_events', line);
      return undefined;
    } catch (error) {
      return this.#refusal(error, line, before);
    }
  }

  /** Deletes an event of ours. A missing one is no error; `busy` while it is enabled somewhere. */
  undefine(group: string, name: string): void {
    try {
      this.files.write('dynamic_events', `-:${group}/${name}`);
    } catch (error) {
      if (!isHostError(error, 'not-found')) throw error;
    }
  }

  /** Every dynamic event of the machine, in the kernel's order. */
  listProbes(): ListedProbe[] {
    return parseDynamicEvents(this.files.read('dynamic_events'));
  }

  /**
   * Hits that each kprobe event (`p`, `r`) missed since it was defined, by `group/name`; all its probes together. Empty
   * where the kernel does not tell, or others define probes at this very moment.
   */
  missedHits(): Map<string, number> {
    const missed = new Map<string, number>();
    try {
      const probes = parseDynamicEvents(this.files.read('kprobe_events'));
      const profile = parseKprobeProfile(this.files.read('kprobe_profile'));
      if (probes.length !== profile.length) return missed;
      if (probes.some(({ name }, at) => name !== profile[at]?.name)) return missed;
      for (const [at, { group, name }] of probes.entries()) {
        const key = `${group}/${name}`;
        missed.set(key, (missed.get(key) ?? 0) + profile[at]!.missed);
      }
    } catch (error) {
      if (!isHostError(error, 'not-found')) throw error;
    }
    return missed;
  }

  /** The last eight refusals of the machine, oldest first. */
  errorLog(): ErrorLogEntry[] {
    return parseErrorLog(this.files.read('error_log'));
  }

  /** Names of all instances. */
  listInstances(): readonly string[] {
    return this.files.list('instances');
  }

  /** Makes an instance; `exists` when there is one of that name. */
  createInstance(name: string): TracefsInstance {
    this.files.makeDirectory(`instances/${name}`);
    return this.instance(name);
  }

  /** An instance that exists; '' is the top level. */
  instance(name: string): TracefsInstance {
    return new TracefsInstance(this.files, name);
  }

  /** Text of an event's `format` file; `undefined` when there is no such event. */
  readFormat(group: string, name: string): string | undefined {
    try {
      return this.files.read(`events/${group}/${name}/format`);
    } catch (error) {
      if (isHostError(error, 'not-found')) return undefined;
      throw error;
    }
  }

  /** Command names by pid as the kernel saved them; none on a kernel without. */
  savedCommands(): Map<number, string> {
    try {
      return parseSavedCmdlines(this.files.read('saved_cmdlines'));
    } catch (error) {
      if (isHostError(error, 'not-found')) return new Map();
      throw error;
    }
  }

  /** Processes by thread as the kernel noted them; none where it was not told to, or cannot. */
  savedProcesses(): Map<number, number> {
    try {
      return parseSavedTgids(this.files.read('saved_tgids'));
    } catch (error) {
      if (isHostError(error, 'not-found')) return new Map();
      throw error;
    }
  }

  #refusal(error: unknown, line: string, before: ErrorLogEntry | undefined): Refusal {
    if (!(error instanceof HostError) || error.errno === undefined) throw error;
    if (error.code === 'permission' || error.code === 'lockdown') throw error;
    return { errno: error.errno, entry: this.#newestAbout(line, before) };
  }

  #newestAbout(line: string, before: ErrorLogEntry | undefined): ErrorLogEntry | undefined {
    const entries = this.errorLog();
    const known = before === undefined ? -1 : entries.findLastIndex(entry => isSameEntry(entry, before));
    const command = commandText(line);
    const [word] = command.split(' ');
    // The kernel may show a type rewritten; the first word holds our own group, which nobody else writes.
    return entries
      .slice(known + 1)
      .findLast(entry => entry.command === command || entry.command.split(' ')[0] === word);
  }
}

/** One set of buffers with its own switches (spec 14 section 6). */
export class TracefsInstance {
  /** '' is the top level. */
  readonly name: string;
  readonly #files: TracefsFiles;
  readonly #path: string;

  constructor(files: TracefsFiles, name: string) {
    this.name = name;
    this.#files = files;
    this.#path = name === '' ? '' : `instances/${name}/`;
  }

  /** Absolute path of a file of this instance, for messages. */
  pathOf(file: string): string {
    return `${this.#files.mount}/${this.#path}${file}`;
  }

  read(file: string): string {
    return this.#files.read(this.#path + file);
  }

  write(file: string, text: string): void {
    this.#files.write(this.#path + file, text);
  }

  /** The same in another thread. */
  async writeMeanwhile(file: string, text: string): Promise<void> {
    await this.#files.writeMeanwhile(this.#path + file, text);
  }

  /** Starts or stops recording. */
  setRecording(on: boolean): void {
    this.write('tracing_on', on ? '1' : '0');
  }

  setEnabled(group: string, event: string, on: boolean): void {
    this.write(`events/${group}/${event}/enable`, on ? '1' : '0');
  }

  /** Clocks that this kernel has. */
  clocks(): readonly string[] {
    return parseChoices(this.read('trace_clock')).names;
  }

  /** Numbers of the CPUs that have a buffer, ascending; there may be gaps. */
  cpus(): number[] {
    return this.#files
      .list(`${this.#path}per_cpu`)
      .map(name => /^cpu(\d+)$/.exec(name)?.[1])
      .filter(text => text !== undefined)
      .map(Number)
      .sort((left, right) => left - right);
  }

  /** Throws `malformed` when the file is not what spec 11 section 6 says. */
  stats(cpu: number): CpuStats {
    const file = `per_cpu/cpu${cpu}/stats`;
    const stats = parseCpuStats(this.read(file));
    if (stats !== undefined) return stats;
    throw new HostError('malformed', this.pathOf(file), `${this.pathOf(file)} lacks a counter`);
  }

  /** Opens a CPU's raw pages for reading without waiting. Close it before `remove`. */
  openRaw(cpu: number): RawPipe {
    return this.#files.openRaw(`${this.#path}per_cpu/cpu${cpu}/trace_pipe_raw`);
  }

  /** Removes the instance; events enabled in it are disabled first by the kernel. `busy` while a file of it is open. */
  remove(): void {
    this.#files.removeDirectory(`instances/${this.name}`);
  }
}

/** True for a `HostError` of that code. */
export function isHostError(error: unknown, code: HostError['code']): error is HostError {
  return error instanceof HostError && error.code === code;
}

function isSameEntry(left: ErrorLogEntry, right: ErrorLogEntry): boolean {
  return (
    left.time === right.time &&
    left.command === right.command &&
    left.message === right.message &&
    left.caret === right.caret
  );
}
