import type { Refusal, Tracefs } from '../../host/index.js';
import {
  type Kernel,
  newestDialect,
  parseFormat,
  type RecordLayout,
  withDialect,
  withFreeNames,
  withoutFunctionLists,
} from '../../kernel/index.js';
import {
  argumentTypes,
  type Judgement,
  type LoweredEvent,
  type LoweredForm,
  lowerDefinition,
  type NotLowered,
  type ProbeEvent,
  ProbeEvents,
  type Refused,
  withHints,
} from '../../language/index.js';
import type { TracedEvent } from '../../records/index.js';
import { BackendError } from '../error.js';
import type { Attachment, KernelEvent } from './attachment.js';
import { meanwhile } from './meanwhile.js';
import { groupName, helperNames, type RunIdentity } from './names.js';
import {
  isTracepointTaken,
  kernelRefusal,
  refusedByKernel,
  refusedByUs,
  tracepointTaken,
} from './verdict.js';
import { type FirstWord, parseFirstWord, unwritable, writtenLine } from './written-line.js';

/** The group an event gets when none is written, by its letter (spec 01 section 4.1); for `p` and `r` the place tells. */
const DEFAULT_GROUPS = new Map([
  ['f', 'fprobes'],
  ['t', 'tracepoints'],
  ['e', 'eprobes'],
]);

/** An event of a session: the kernel's name of it, and how it is read. */
export interface Made {
  readonly kernelEvent: KernelEvent;
  readonly event: TracedEvent;
}

/** What we say of a line; `userGroup` when it was judged in another group than the one it stands for. */
interface Judged {
  readonly judgement: Judgement;
  readonly userGroup?: string;
}

/** Makes the events of one run's definitions exist. What exists is noted in the attachment before the next step. */
export class Definer implements Disposable {
  readonly #kernel: Kernel;
  /** The same for lines that go to groups of ours. */
  readonly #namesFree: Kernel;
  readonly #attachment: Attachment;
  readonly #run: RunIdentity;
  readonly #form: LoweredForm | undefined;
  readonly #explains: boolean;
  /** Without ftrace's lists until a line is refused: the kernel that is asked next knows them. */
  #judge: ProbeEvents;
  #hasLists = false;
  #foreseen: { readonly definition: string; readonly judged: Judged } | undefined;
  readonly #accepted: string[] = [];
  readonly #groups = new Map<string, string>();

  /** `lowered`: lines are; without, they are written as they are. `explains`: what is refused, it says in full why. */
  constructor(
    kernel: Kernel,
    attachment: Attachment,
    run: RunIdentity,
    { lowered, explains = true }: { readonly lowered?: LoweredForm; readonly explains?: boolean },
  ) {
    this.#kernel = kernel;
    this.#namesFree = withFreeNames(kernel);
    this.#attachment = attachment;
    this.#run = run;
    this.#form = lowered;
    this.#explains = explains;
    this.#judge = new ProbeEvents(withoutFunctionLists(kernel));
  }

  [Symbol.dispose](): void {
    this.#judge[Symbol.dispose]();
  }

  get #tracefs(): Tracefs {
    return this.#attachment.tracefs;
  }

  /** Judges the line that is to be defined first. Throws a `KernelError`, as `define` will then. */
  foresee(definition: string): void {
    if (this.#form !== undefined || unwritable(definition) !== undefined) return;
    this.#foreseen = { definition, judged: this.#judgeLine(definition) };
  }

  /** Rejects with a `BackendError` that carries both verdicts. */
  async define(definition: string): Promise<Made> {
    const reason = unwritable(definition);
    if (reason !== undefined) {
      throw new BackendError('definition', `the definition cannot be written: ${reason}`, { definition });
    }
    if (this.#form === undefined) return await this.#defineAsWritten(definition);
    const lowering = lowerDefinition(this.#namesFree, definition, { form: this.#form });
    if (!lowering.ok) throw this.#notLowered(definition, lowering);
    using event = lowering.event;
    return lowering.lowered.changed
      ? await this.#defineLowered(definition, event, lowering.lowered)
      : await this.#defineAsWritten(definition);
  }

  /** Records of the lowered lines are the original's: only what the kernel alone can tell is taken from its format. */
  async #defineLowered(definition: string, original: ProbeEvent, lowered: LoweredEvent): Promise<Made> {
    // All lines are one event's.
    let made: Made | undefined;
    for (const line of lowered.lines) {
      const one = await this.#defineLine(definition, line);
      made ??= one;
    }
    if (made === undefined) throw new RangeError('an event was lowered to no line');
    const { kernelEvent } = made;
    const { layout } = made.event;
    if (placesOf(layout) !== placesOf(lowered.layout)) {
      throw new BackendError('system', 'the kernel lays records of the lowered line out in another way', {
        definition,
        hints: [`lowered to: ${lowered.lines[0]}`, 'please report it with the kernel release'],
      });
    }
    if (lowered.tracepoint !== undefined)
      this.#attachment.keepBusy(lowered.tracepoint.event, helperNames(this.#run));
    const { group, name } = original;
    return {
      kernelEvent,
      event: {
        group,
        name,
        definition,
        layout: { ...lowered.layout, id: layout.id, common: layout.common },
        types: argumentTypes(original),
      },
    };
  }

  async #defineLine(definition: string, line: string): Promise<Made> {
    try {
      return await this.#defineAsWritten(line);
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      throw error.withHints([`this is what btfprobe made, for this kernel, of: ${definition}`]);
    }
  }

  /** What no kernel takes this one may be asked about, where it speaks the same language as the newest. */
  #notLowered(definition: string, { refusals, judgement }: NotLowered): BackendError {
    const [first] = refusals;
    if (judgement === undefined || first === undefined) {
      const [message = '', ...hints] = refusals.map(({ message }) => message);
      return new BackendError('unsupported', `this kernel has no words for it: ${message}`, {
        definition,
        hints: [...hints, 'eBPF may trace it: --backend bpf'],
      });
    }
    if (!this.#hasLists) this.#readLists();
    const here = this.#judge.define(definition);
    if (!here.accepted && here.diagnostics[0]?.code === judgement.diagnostics[0]?.code)
      return this.#askAboutRefused(definition, here);
    const newest = withDialect(this.#kernel, newestDialect);
    const { diagnostics } = withHints(newest, definition, judgement);
    return new BackendError('definition', diagnostics[0]?.message ?? first.message, {
      definition,
      diagnostics,
      hints: diagnostics[0]?.hints ?? [],
    });
  }

  /** A line as it is: judged by us, then by the kernel; it exists afterwards. */
  async #defineAsWritten(definition: string): Promise<Made> {
    const { judgement, userGroup } = this.#judgeThoroughly(definition);
    if (!judgement.accepted) {
      throw this.#explains
        ? this.#askAboutRefused(definition, judgement)
        : refusedByUs(definition, judgement, { asked: false, refusal: undefined });
    }
    const probe = judgement.event;
    if (probe === undefined) {
      throw new BackendError('unsupported', 'this line defines no event', { definition });
    }
    const group = userGroup ?? probe.group;
    const kernelEvent = await this.#write(definition, probe, group);
    const layout = this.#readLayout(kernelEvent, group);
    const types = argumentTypes(probe);
    return { kernelEvent, event: { group, name: probe.name, definition, layout, types } };
  }

  #judgeThoroughly(definition: string): Judged {
    const foreseen = this.#foreseen;
    this.#foreseen = undefined;
    const judged = foreseen?.definition === definition ? foreseen.judged : this.#judgeLine(definition);
    if (judged.judgement.accepted || this.#hasLists || !this.#explains) return judged;
    this.#readLists();
    return this.#judgeLine(definition);
  }

  /** From here on ftrace's lists count. What was accepted without them the kernel took as well. */
  #readLists(): void {
    this.#hasLists = true;
    this.#judge[Symbol.dispose]();
    this.#judge = new ProbeEvents(this.#kernel);
    for (const line of this.#accepted) this.#judge.define(line);
  }

  /**
   * An event of the same group and name that others have is in nobody's way, as ours goes to a group of ours: then the
   * line is judged with that group, and `userGroup` is the one it stands for.
   */
  #judgeLine(definition: string): Judged {
    const judgement = this.#judge.define(definition);
    const word = parseFirstWord(definition);
    if (judgement.accepted) this.#accepted.push(definition);
    if (judgement.accepted || judgement.diagnostics[0]?.code !== 'EVENT_EXIST' || word === undefined) {
      return { judgement };
    }
    const earlier = this.#judge.all.map(({ group, name }) => `${group}/${name}`);
    const userGroup = this.#userGroup(word);
    const line = writtenLine(definition, word, this.#groupFor(userGroup), word.event).line;
    const again = this.#judge.define(line);
    if (again.accepted) this.#accepted.push(line);
    if (!again.accepted || again.event === undefined) return { judgement };
    const isOwn = earlier.includes(`${userGroup}/${again.event.name}`);
    return isOwn ? { judgement } : { judgement: again, userGroup };
  }

  #userGroup({ group, head, place }: FirstWord): string {
    const ofPlace = place.includes('/') && place.includes(':') ? 'uprobes' : 'kprobes';
    return group ?? DEFAULT_GROUPS.get(head[0] ?? '') ?? ofPlace;
  }

  async #write(definition: string, probe: ProbeEvent, group: string): Promise<KernelEvent> {
    const word = parseFirstWord(definition);
    if (word === undefined) {
      throw new BackendError('definition', 'the first word is not understood', { definition });
    }
    const kernelEvent = { group: this.#groupFor(group), name: probe.name };
    const written = writtenLine(definition, word, kernelEvent.group, kernelEvent.name);
    const refusal = await this.#defineNoted(kernelEvent, written.line, probe);
    if (refusal === undefined) return kernelEvent;
    const kernel = kernelRefusal(refusal, written);
    if (isTracepointTaken(refusal) && probe.place.kind === 'tracepoint') {
      throw tracepointTaken(definition, probe.place.tracepoint, kernel, this.#tracefs);
    }
    const ours = this.#explains ? this.#judgeWithLists(definition) : undefined;
    if (ours !== undefined) throw refusedByUs(definition, ours, { asked: true, refusal: kernel });
    throw refusedByKernel(definition, kernel);
  }

  /** Noted before, so that it goes as well when the process ends meanwhile. */
  async #defineNoted(event: KernelEvent, line: string, probe: ProbeEvent): Promise<Refusal | undefined> {
    const isNew = this.#attachment.noteDefined(event);
    let isThere = false;
    try {
      const refusal = await meanwhile(this.#tracefs.defineMeanwhile(line), () => this.#findPlace(probe));
      isThere = refusal === undefined;
      return refusal;
    } finally {
      if (isNew && !isThere) this.#attachment.forgetDefined(event);
    }
  }

  /** Records will name the place: as much of the kernel's symbols as that takes is read while the kernel patches its code. */
  #findPlace({ place }: ProbeEvent): void {
    const { types, symbols } = this.#kernel;
    if (place.kind === 'function' && types?.findFunction(place.symbol) !== undefined)
      symbols.first(place.symbol);
  }

  /** Our refusal of a line that the kernel has just refused, if ftrace's lists make one. */
  #judgeWithLists(definition: string): Refused | undefined {
    if (this.#hasLists) return undefined;
    this.#accepted.pop();
    this.#readLists();
    const { judgement } = this.#judgeLine(definition);
    return judgement.accepted ? undefined : withHints(this.#judge.kernel, definition, judgement);
  }

  /** We refuse; what the kernel says of the same line stands beside it. */
  #askAboutRefused(definition: string, plain: Refused): BackendError {
    const ours = withHints(this.#judge.kernel, definition, plain);
    const word = parseFirstWord(definition);
    // Whether the user's own group has such an event the kernel cannot tell of ours.
    if (word === undefined || ours.diagnostics[0]?.code === 'EVENT_EXIST') {
      return refusedByUs(definition, ours, { asked: false, refusal: undefined });
    }
    const group = this.#groupFor(this.#userGroup(word));
    const written = writtenLine(definition, word, group, word.event);
    const refusal = this.#tracefs.define(written.line);
    if (refusal === undefined) {
      for (const probe of this.#tracefs.listProbes()) {
        if (probe.group === group) this.#attachment.noteDefined({ group, name: probe.name });
      }
      return refusedByUs(definition, ours, { asked: true, refusal });
    }
    const kernel = kernelRefusal(refusal, written);
    if (isTracepointTaken(refusal) && word.head.startsWith('t') && word.place !== '') {
      return tracepointTaken(definition, word.place, kernel, this.#tracefs);
    }
    return refusedByUs(definition, ours, { asked: true, refusal: kernel });
  }

  #readLayout(event: KernelEvent, userGroup: string): RecordLayout {
    const format = this.#tracefs.readFormat(event.group, event.name);
    if (format === undefined) {
      throw new BackendError(
        'system',
        `the kernel made ${event.group}/${event.name} and has no format of it`,
      );
    }
    return parseFormat(format, userGroup);
  }

  /** Our group for one of the user's, so that equal names in different groups stay apart. */
  #groupFor(userGroup: string): string {
    let group = this.#groups.get(userGroup);
    if (group === undefined) {
      group = groupName(this.#run, this.#groups.size);
      this.#groups.set(userGroup, group);
    }
    return group;
  }
}

/** Where the fields of a record lie. */
function placesOf({ fields }: RecordLayout): string {
  return fields.map(({ name, offset, size }) => `${name} ${offset} ${size}`).join();
}
