import type { EventTable } from '../event-table.js';
import type { TracedEvent } from '../record.js';
import type { EngineMemory } from './engine-memory.js';
import type { WasmHost, WasmImports } from './host.js';
import { bodyEntry, layout, MOST_BODIES, MOST_TEXT, NO_BODY, NOT_WANTED } from './layout.js';
import { LineCode, LineRuntime, lineType } from './line-code.js';
import { WasmModule } from './module.js';
import { Runtime } from './runtime.js';
import { type HostNumbers, LineTooLong, WasmBody } from './wasm-body.js';

/** What the lines of an event are made from. */
export interface EventLine {
  /** Bytes that a record needs to have code write it. */
  readonly fixedSize: number;
  /** Tells the code. */
  emit(line: LineCode): void;
}

/** Lines that others write until what waits for code gets it: as many as take as long as making a module does. */
const ENOUGH_LINES = 64;
/** Bytes of a line's head beside sender and name. */
const HEAD_ROOM = 64;
const NEVER = -1;

/** The functions that write the lines of events, made a few at a time for events that have records. */
export class EventBodies {
  readonly #host: WasmHost;
  readonly #memory: EngineMemory;
  readonly #lineOf: (event: TracedEvent) => EventLine;
  readonly #hostNumbers: HostNumbers;
  readonly #imports: WasmImports;
  /** Addresses of entries; `NEVER` for an event that gets no code. */
  readonly #entries = new Map<TracedEvent, number>();
  readonly #waiting = new Set<TracedEvent>();
  #lines = 0;
  #count = 0;
  #events: EventTable | undefined;
  #size = 0;

  constructor(
    host: WasmHost,
    memory: EngineMemory,
    lineOf: (event: TracedEvent) => EventLine,
    hostNumbers: HostNumbers,
    imports: WasmImports,
  ) {
    this.#host = host;
    this.#memory = memory;
    this.#lineOf = lineOf;
    this.#hostNumbers = hostNumbers;
    this.#imports = imports;
  }

  /** Takes the events whose records are wanted from now on. */
  use(events: EventTable): void {
    if (events === this.#events && events.size === this.#size) return;
    this.#events = events;
    this.#size = events.size;
    this.#tellAll();
  }

  /** Makes code for these now. */
  expect(events: readonly TracedEvent[]): void {
    for (const event of events) if (!this.#entries.has(event)) this.#waiting.add(event);
    if (this.#waiting.size > 0) this.#compile();
  }

  /** To be told of each event whose line was written by others. */
  met(event: TracedEvent): void {
    if (this.#entries.has(event)) return;
    this.#waiting.add(event);
    if (++this.#lines >= ENOUGH_LINES) this.#compile();
  }

  #tellAll(): void {
    const { view } = this.#memory;
    const { byType } = this.#events!;
    for (let type = 0; type < byType.length; type++) {
      const event = byType.at(type);
      const entry = event === undefined ? NOT_WANTED : (this.#entries.get(event) ?? NO_BODY);
      view.setInt32(layout.types + type * 4, entry === NEVER ? NO_BODY : entry, true);
    }
    this.#memory.bytes.fill(0, layout.types + byType.length * 4, layout.texts);
  }

  #compile(): void {
    const module = new WasmModule();
    const lines = new LineRuntime(module);
    const runtime = new Runtime(module);
    lines.define(module, runtime);
    const made: { readonly event: TracedEvent; readonly line: EventLine; readonly body: WasmBody }[] = [];
    for (const event of this.#waiting) {
      const line = this.#lineOf(event);
      let body: WasmBody | undefined;
      try {
        const index = module.define(lineType, code => {
          body = new WasmBody(code, runtime, line.fixedSize, this.#hostNumbers);
          line.emit(new LineCode(code, runtime, lines, body));
          body.finish();
        });
        module.export(`body${made.length}`, index);
        made.push({ event, line, body: body! });
      } catch (error) {
        if (!(error instanceof LineTooLong)) throw error;
        this.#entries.set(event, NEVER);
      }
    }
    this.#waiting.clear();
    this.#lines = 0;
    const compiled = new this.#host.Module(module.encode());
    const { exports } = new this.#host.Instance(compiled, { host: this.#imports });
    for (const [index, { event, line, body }] of made.entries())
      this.#entries.set(event, this.#enter(line, body, exports[`body${index}`]));
    this.#tellAll();
  }

  /** The address of a body's entry. */
  #enter(line: EventLine, body: WasmBody, code: unknown): number {
    const room = body.room + MOST_TEXT + HEAD_ROOM;
    if (!body.isUsable || this.#count === MOST_BODIES) return NEVER;
    const { table } = this.#memory;
    const place = table.grow(1);
    table.set(place, code);
    const address = layout.bodies + this.#count++ * bodyEntry.size;
    this.#memory.setInt(address + bodyEntry.place, place);
    this.#memory.setInt(address + bodyEntry.fixedSize, line.fixedSize);
    this.#memory.setInt(address + bodyEntry.room, room);
    this.#memory.setInt(address + bodyEntry.strings, body.strings);
    return address;
  }
}
