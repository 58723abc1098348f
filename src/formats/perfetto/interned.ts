import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Interned, InternedData, TracePacket } from './fields.js';

/** Names that packets refer to by number. What a packet is the first to use goes with it. */
export class InternedNames {
  readonly categories = new NameTable(InternedData.categories);
  readonly events = new NameTable(InternedData.eventNames);
  readonly annotations = new NameTable(InternedData.annotationNames);

  /** Writes the new names into the packet that is being written. */
  write(out: BinaryWriter): void {
    const tables = [this.categories, this.events, this.annotations];
    if (tables.every(table => table.fresh.length === 0)) return;
    out.uint32(TracePacket.internedData).fork();
    for (const table of tables) table.write(out);
    out.join();
  }
}

/** Names of one kind, numbered from 1. */
export class NameTable {
  readonly fresh: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #tag: number;

  constructor(tag: number) {
    this.#tag = tag;
  }

  of(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size + 1;
      this.#numbers.set(name, number);
      this.fresh.push(name);
    }
    return number;
  }

  write(out: BinaryWriter): void {
    for (const name of this.fresh) {
      out.uint32(this.#tag).fork();
      out.uint32(Interned.iid).uint32(this.of(name));
      out.uint32(Interned.name).string(name);
      out.join();
    }
    this.fresh.length = 0;
  }
}
