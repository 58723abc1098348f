import type { EventField, Kernel } from '../kernel/index.js';
import { commandText, splitCommand } from './command.js';
import { compareArguments, samePlaceAndBodies } from './compare.js';
import { matchesDeletion, parseDeletion } from './deletion.js';
import type { ProbeEvent } from './event.js';
import { judgeEventProbe } from './event-probe.js';
import type { Judgement, Refused } from './judgement.js';
import { judgeKernelProbe } from './kernel-probe.js';
import { type ArgumentLimits, kernelLimits } from './limits.js';
import { silentDiagnostic } from './line-judge.js';
import { refuse, refuseSilently } from './refusal.js';
import {
  registerFunctionProbe,
  registerKprobe,
  registerTracepointProbe,
  resolveSymbols,
} from './registration.js';
import { type ProbeSyntax, parseDefinition } from './syntax.js';
import { judgeUserProbe } from './user-probe.js';

/** Bytes of a write that the kernel reads at a time; a line must end within them (spec 01 section 1). */
const longestPiece = 4095;

/** The control file a line is written to (spec 01 section 1). */
export type ControlFile = 'dynamic_events' | 'kprobe_events' | 'uprobe_events';

/**
 * The probe events of one kernel, as far as definitions decide them: what each line creates, appends to, deletes or
 * is refused for. Nothing here touches a running kernel.
 */
export class ProbeEvents implements Disposable {
  readonly kernel: Kernel;
  private readonly limits: ArgumentLimits;
  private events: ProbeEvent[] = [];
  /** Tracepoints that a failed `t` left taken (docs/kernel-behaviour.md). */
  private readonly stuckTracepoints = new Set<string>();

  /** `limits`: the kernel's, unless no kernel sees the lines (`looseLimits`). */
  constructor(kernel: Kernel, limits: ArgumentLimits = kernelLimits) {
    this.kernel = kernel;
    this.limits = limits;
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
    let done = 0;
    while (done < text.length) {
      // The kernel takes a write in pieces and sees each only up to a NUL.
      const piece = text.slice(done, done + longestPiece).split('\0', 1)[0]!;
      let at = 0;
      do {
        const newline = piece.indexOf('\n', at);
        const end = newline < 0 ? piece.length : newline;
        const size = newline < 0 ? end - at : end - at + 1;
        const unfinished = newline < 0 && done + size < text.length;
        if (unfinished && at === 0) return refusedLine('EINVAL', piece);
        if (unfinished) break;
        done += size;
        const judgement = this.define(piece.slice(at, end), control);
        if (!judgement.accepted) return judgement;
        if (judgement.event !== undefined) created = judgement;
        at += size;
      } while (done < text.length);
    }
    return created;
  }

  /** Judges one line and takes its effect. Never throws on a bad definition. Bytes, one per character. */
  define(line: string, control: ControlFile = 'dynamic_events'): Judgement {
    if (line.startsWith('-') || line.startsWith('!')) {
      return line.startsWith('!') && control !== 'dynamic_events'
        ? refusedLine('EINVAL', line)
        : this.remove(line, control);
    }
    const syntax = parseDefinition(line);
    const { words } = syntax.command;
    if (words.length === 0) return { accepted: true, event: undefined };
    if (words.length < 2) return refusedLine('EINVAL', line);
    return this.judge(syntax, control) ?? refusedLine('EINVAL', line);
  }

  /** Asks each kind in the kernel's order whether the line is its own; `undefined`: nobody's. */
  private judge(syntax: ProbeSyntax, control: ControlFile): Judgement | undefined {
    const { kernel } = this;
    const { dialect } = kernel;
    const register = (event: ProbeEvent): void => this.register(event);
    switch (syntax.kind) {
      case 'e':
        if (!dialect.eprobe || control !== 'dynamic_events') return undefined;
        return judgeEventProbe(syntax, kernel, (group, name) => this.findAttachable(group, name), register);
      case 'f':
      case 't':
        if (control !== 'dynamic_events' || !(syntax.kind === 'f' ? dialect.fprobe : dialect.tprobe))
          return undefined;
        return judgeKernelProbe(syntax, kernel, register, this.limits);
      case 'p':
      case 'r': {
        const judgement =
          control === 'uprobe_events' ? undefined : judgeKernelProbe(syntax, kernel, register, this.limits);
        if (judgement !== undefined || control === 'kprobe_events') return judgement;
        return judgeUserProbe(syntax, kernel, register);
      }
      default:
        return undefined;
    }
  }

  /** Fields of an event that an eprobe may attach to: not those of other probe kinds but f and t. */
  private findAttachable(group: string, name: string): readonly EventField[] | undefined {
    const event = this.events.find(other => other.group === group && other.name === name);
    if (event === undefined)
      return group === 'ftrace' ? undefined : this.kernel.events.find(group, name)?.fields;
    return family(event) === 'fprobe' ? event.layout.fields : undefined;
  }

  /** Gives back what the events hold. */
  [Symbol.dispose](): void {
    for (const event of this.events) event[Symbol.dispose]();
    this.events = [];
  }

  private remove(line: string, control: ControlFile): Judgement {
    const deletion = parseDeletion(line);
    if (typeof deletion === 'string') return refusedLine(deletion, line);
    const matching = this.events.filter(event => inFile(event, control) && matchesDeletion(event, deletion));
    if (matching.length === 0) return refusedLine('ENOENT', line);
    for (const event of matching) {
      if (this.isReferenced(event)) return refusedLine('EBUSY', line);
      this.events = this.events.filter(other => other !== event);
      event[Symbol.dispose]();
    }
    return { accepted: true, event: undefined };
  }

  /** Is this the last probe of an event that an eprobe is attached to? */
  private isReferenced(event: ProbeEvent): boolean {
    const { group, name } = event;
    if (this.events.some(other => other !== event && other.group === group && other.name === name))
      return false;
    return this.events.some(
      ({ place }) => place.kind === 'event' && place.group === group && place.name === name,
    );
  }

  private register(event: ProbeEvent): void {
    const siblings = this.events.filter(
      other => family(other) === family(event) && other.name === event.name && other.group === event.group,
    );
    const first = siblings[0];
    this.refuseOtherCounter(event);
    if (first === undefined || event.kind === 'e') this.refuseTakenName(event);
    else this.refuseClash(event, first, siblings);
    this.attach(event);
    this.events.push(event);
  }

  /** One place in a file has one reference counter. */
  private refuseOtherCounter({ place }: ProbeEvent): void {
    if (place.kind !== 'uprobe') return;
    const clash = this.events.some(
      ({ place: other }) =>
        other.kind === 'uprobe' &&
        other.identity === place.identity &&
        other.offset === place.offset &&
        other.refCounter !== place.refCounter,
    );
    if (clash) refuseSilently('EINVAL');
  }

  private refuseTakenName({ group, name }: ProbeEvent): void {
    const taken = this.events.some(other => other.name === name && other.group === group);
    if (taken || this.kernel.events.has(group, name)) refuse('EVENT_EXIST', 0, 0, 'EEXIST');
  }

  private refuseClash(event: ProbeEvent, first: ProbeEvent, siblings: readonly ProbeEvent[]): void {
    const otherKind = (event.place.kind === 'tracepoint') !== (first.place.kind === 'tracepoint');
    if (event.isReturn !== first.isReturn || otherKind) refuse('DIFF_PROBE_TYPE', 0, 0, 'EEXIST');
    const different = compareArguments(event, first);
    if (different > 0) refuse('DIFF_ARG_TYPE', different + 1, 0, 'EEXIST');
    if (siblings.some(other => samePlaceAndBodies(event, other))) refuse('SAME_PROBE', 0, 0, 'EEXIST');
  }

  private attach({ place, isReturn, maxactive, args }: ProbeEvent): void {
    let errno: string | undefined;
    if (place.kind === 'function')
      errno = registerFunctionProbe(place, isReturn, maxactive, args, this.kernel);
    else if (place.kind === 'kprobe' || place.kind === 'address')
      errno = registerKprobe(place, isReturn, args, this.kernel);
    else if (place.kind === 'tracepoint') {
      const { tracepoint, stub } = place;
      const taken = this.events.some(
        ({ place: other }) => other.kind === 'tracepoint' && other.tracepoint === tracepoint,
      );
      const { oneProbePerTracepoint } = this.kernel.dialect.manners;
      errno = resolveSymbols(args, this.kernel);
      if (errno === undefined) {
        // One t event per tracepoint, refused without a word (spec 01 section 3.2).
        if (oneProbePerTracepoint && stub !== undefined && (taken || this.stuckTracepoints.has(tracepoint)))
          refuseSilently('EEXIST');
        errno = registerTracepointProbe(place, this.kernel);
        if (errno !== undefined) this.stuckTracepoints.add(tracepoint);
      }
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

/** Does a control file show this event? */
function inFile(event: ProbeEvent, control: ControlFile): boolean {
  return control === 'dynamic_events' || `${family(event)}_events` === control;
}

function refusedLine(errno: string, line: string): Refused {
  const command = commandText(splitCommand(line).words);
  const diagnostic = silentDiagnostic(errno, { start: 0, end: line.length }, command);
  return { accepted: false, errno, log: [], diagnostics: [diagnostic] };
}
