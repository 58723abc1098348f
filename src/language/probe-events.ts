import type { Kernel } from '../kernel/index.js';
import { splitCommand } from './command.js';
import { compareArguments, samePlaceAndBodies } from './compare.js';
import { matchesDeletion, parseDeletion } from './deletion.js';
import type { ProbeEvent } from './event.js';
import type { Judgement, Refused } from './judgement.js';
import { judgeKernelProbe } from './kernel-probe.js';
import { silentDiagnostic } from './line-judge.js';
import { refuse, refuseSilently } from './refusal.js';
import { registerFunctionProbe, registerKprobe, registerTracepointProbe } from './registration.js';
import { parseDefinition } from './syntax.js';

/** Longest line that a write takes, with something behind it in the same write or not (spec 01 section 1). */
const longestLine = 4094;
const longestLastLine = 4095;

/** The control file a line is written to (spec 01 section 1). */
export type ControlFile = 'dynamic_events' | 'kprobe_events' | 'uprobe_events';

/**
 * The probe events of one kernel, as far as definitions decide them: what each line creates, appends to, deletes or
 * is refused for. Nothing here touches a running kernel.
 */
export class ProbeEvents implements Disposable {
  readonly kernel: Kernel;
  private events: ProbeEvent[] = [];
  /** Tracepoints that a failed `t` left taken (docs/kernel-behaviour.md). */
  private readonly stuckTracepoints = new Set<string>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** The lines of `dynamic_events`, oldest first. Bytes, one per character. */
  listing(): string[] {
    return this.events.map(event => event.listing);
  }

  /** Probes in order of creation; they are disposed with this set or when a line deletes them. */
  get all(): readonly ProbeEvent[] {
    return this.events;
  }

  /**
   * One write: lines in order, the first refusal ends it, earlier lines stay. Answers that refusal, or the last event
   * created.
   */
  write(text: string, control: ControlFile = 'dynamic_events'): Judgement {
    let created: Judgement = { accepted: true, event: undefined };
    const end = text.indexOf('\0');
    const lines = (end < 0 ? text : text.slice(0, end)).split('\n');
    for (const [i, line] of lines.entries()) {
      const last = i === lines.length - 1;
      if (last && end >= 0) return refusedLine('EINVAL', line);
      if (line.length > (last && lines.length === 1 ? longestLastLine : longestLine))
        return refusedLine('EINVAL', line);
      const judgement = this.define(line, control);
      if (!judgement.accepted) return judgement;
      if (judgement.event !== undefined) created = judgement;
    }
    return created;
  }

  /** Judges one line and takes its effect. Never throws on a bad definition. Bytes, one per character. */
  define(line: string, control: ControlFile = 'dynamic_events'): Judgement {
    if (line.startsWith('-') || line.startsWith('!')) {
      return line.startsWith('!') && control !== 'dynamic_events'
        ? refusedLine('EINVAL', line)
        : this.remove(line);
    }
    const syntax = parseDefinition(line);
    const { words } = syntax.command;
    if (words.length === 0) return { accepted: true, event: undefined };
    const { dialect } = this.kernel;
    const known =
      (syntax.kind === 'f' && dialect.fprobe && control === 'dynamic_events') ||
      (syntax.kind === 't' && dialect.tprobe && control === 'dynamic_events') ||
      ((syntax.kind === 'p' || syntax.kind === 'r') && control !== 'uprobe_events');
    if (words.length < 2 || !known) return refusedLine('EINVAL', line);
    return (
      judgeKernelProbe(syntax, this.kernel, event => this.register(event)) ?? refusedLine('EINVAL', line)
    );
  }

  /** Gives back what the events hold. */
  [Symbol.dispose](): void {
    for (const event of this.events) event[Symbol.dispose]();
    this.events = [];
  }

  private remove(line: string): Judgement {
    const deletion = parseDeletion(line);
    if (typeof deletion === 'string') return refusedLine(deletion, line);
    const kept = this.events.filter(event => !matchesDeletion(event, deletion));
    if (kept.length === this.events.length) return refusedLine('ENOENT', line);
    for (const event of this.events) if (!kept.includes(event)) event[Symbol.dispose]();
    this.events = kept;
    return { accepted: true, event: undefined };
  }

  private register(event: ProbeEvent): void {
    const siblings = this.events.filter(
      other => family(other) === family(event) && other.name === event.name && other.group === event.group,
    );
    const first = siblings[0];
    if (first === undefined) this.refuseTakenName(event);
    else this.refuseClash(event, first, siblings);
    this.attach(event);
    this.events.push(event);
  }

  private refuseTakenName({ group, name }: ProbeEvent): void {
    const taken = this.events.some(other => other.name === name && other.group === group);
    if (taken || this.kernel.events.find(group, name) !== undefined) refuse('EVENT_EXIST', 0, 0, 'EEXIST');
  }

  private refuseClash(event: ProbeEvent, first: ProbeEvent, siblings: readonly ProbeEvent[]): void {
    const otherKind = (event.place.kind === 'tracepoint') !== (first.place.kind === 'tracepoint');
    if (event.isReturn !== first.isReturn || otherKind) refuse('DIFF_PROBE_TYPE', 0, 0, 'EEXIST');
    const different = compareArguments(event, first);
    if (different > 0) refuse('DIFF_ARG_TYPE', different + 1, 0, 'EEXIST');
    if (siblings.some(other => samePlaceAndBodies(event, other))) refuse('SAME_PROBE', 0, 0, 'EEXIST');
  }

  private attach({ place, args }: ProbeEvent): void {
    let errno: string | undefined;
    if (place.kind === 'function') errno = registerFunctionProbe(place, args, this.kernel);
    else if (place.kind === 'kprobe' || place.kind === 'address')
      errno = registerKprobe(place, args, this.kernel);
    else if (place.kind === 'tracepoint') {
      const { tracepoint, stub } = place;
      const taken = this.events.some(
        ({ place: other }) => other.kind === 'tracepoint' && other.tracepoint === tracepoint,
      );
      errno = registerTracepointProbe(place, args, this.kernel);
      // One t event per tracepoint, refused without a word (spec 01 section 3.2).
      if (errno !== 'ENOENT' && stub !== undefined && (taken || this.stuckTracepoints.has(tracepoint)))
        refuseSilently('EEXIST');
      if (errno === 'EINVAL') this.stuckTracepoints.add(tracepoint);
    }
    if (errno === undefined) return;
    if (errno === 'EILSEQ') refuse('BAD_INSN_BNDRY', 1, 0, errno);
    refuse(errno === 'ENOENT' ? 'BAD_PROBE_ADDR' : 'FAIL_REG_PROBE', 1, 0, errno);
  }
}

/** Judges one definition alone, on a kernel without other probe events. The caller disposes an accepted event. */
export function compileProbe(kernel: Kernel, definition: string): Judgement {
  return new ProbeEvents(kernel).define(definition);
}

/** f and t share one kind of event in the kernel; p and r another. */
function family({ place }: ProbeEvent): string {
  if (place.kind === 'function' || place.kind === 'tracepoint') return 'fprobe';
  return place.kind === 'kprobe' || place.kind === 'address' ? 'kprobe' : place.kind;
}

function refusedLine(errno: string, line: string): Refused {
  const { words } = splitCommand(line);
  const command = words.map(word => word.text).join(' ');
  const diagnostic = silentDiagnostic(errno, { start: 0, end: line.length }, command);
  return { accepted: false, errno, log: [], diagnostics: [diagnostic] };
}
