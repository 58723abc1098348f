import { type Btf, BtfKind, type TypeId } from '../../btf/index.js';
import { SimError } from './error.js';
import type { SimHeap } from './heap.js';
import type { SimMemory } from './memory.js';

/** Where a member path leads. */
interface FieldPlace {
  /** Bytes from the object's start. */
  readonly offset: number;
  /** Bits above the byte offset, and how many; width 0 = no bitfield. */
  readonly bit: number;
  readonly width: number;
  /** Bytes of the member's type. */
  readonly size: number;
}

/** What a member can be set to: an integer, a text for `char` arrays, or the address of an object. */
export type FieldValue = bigint | number | boolean | string | KernelObject;

/** Makes objects in simulated kernel memory, laid out by a kernel's BTF. */
export class ObjectMaker {
  private readonly places = new Map<TypeId, Map<string, FieldPlace>>();

  constructor(
    private readonly btf: Btf,
    private readonly memory: SimMemory,
    private readonly heap: SimHeap,
  ) {}

  /** Bytes of a struct. Throws a `SimError` `no-type`. */
  sizeOf(struct: string): number {
    return this.btf.sizeOf(this.typeOf(struct)) ?? 0;
  }

  /** A zeroed object of a struct; `extra` bytes behind it for flexible arrays. */
  make(struct: string, fields: Record<string, FieldValue> = {}, extra = 0): KernelObject {
    return this.at(this.heap.allocate(this.sizeOf(struct) + extra), struct, fields);
  }

  /** An object at an address that somebody else allocated; its memory is mapped if it was not. */
  at(address: bigint, struct: string, fields: Record<string, FieldValue> = {}): KernelObject {
    const type = this.typeOf(struct);
    this.memory.map(address, this.btf.sizeOf(type) ?? 1);
    const object = new KernelObject(address, struct, this.memory, path => this.place(type, path));
    for (const [path, value] of Object.entries(fields)) object.set(path, value);
    return object;
  }

  /** Gives the memory of an object made by `make` back. */
  release(object: KernelObject, extra = 0): void {
    this.heap.release(object.address, this.sizeOf(object.struct) + extra);
  }

  /** A text in kernel memory of its own; never given back. */
  text(text: string): bigint {
    const address = this.heap.allocate(text.length + 1);
    this.memory.writeText(address, text);
    return address;
  }

  private typeOf(struct: string): TypeId {
    const type = this.btf.find(struct, BtfKind.Struct);
    if (type === undefined) throw new SimError('no-type', `this kernel's BTF has no struct ${struct}`);
    return type;
  }

  private place(struct: TypeId, path: string): FieldPlace {
    let known = this.places.get(struct);
    if (!known) {
      known = new Map();
      this.places.set(struct, known);
    }
    let place = known.get(path);
    if (!place) {
      place = findPlace(this.btf, struct, path);
      known.set(path, place);
    }
    return place;
  }
}

/** One object in simulated kernel memory. Members are named by path: `se.vruntime`. */
export class KernelObject {
  constructor(
    readonly address: bigint,
    readonly struct: string,
    private readonly memory: SimMemory,
    private readonly place: (path: string) => FieldPlace,
  ) {}

  /** Sets a member. A text is cut to its array with a NUL. Throws a `SimError` `no-field`. */
  set(path: string, value: FieldValue): void {
    const place = this.place(path);
    const at = this.address + BigInt(place.offset);
    if (typeof value === 'string') {
      const bytes = new Uint8Array(place.size);
      for (let i = 0; i < Math.min(value.length, place.size - 1); i++) bytes[i] = value.charCodeAt(i);
      this.memory.write(at, bytes);
      return;
    }
    const number = value instanceof KernelObject ? value.address : BigInt(value);
    if (place.width === 0) {
      this.memory.writeInteger(at, place.size, number);
      return;
    }
    const mask = ((1n << BigInt(place.width)) - 1n) << BigInt(place.bit);
    const size = Math.ceil((place.bit + place.width) / 8);
    const before = this.memory.readInteger(at, size);
    this.memory.writeInteger(at, size, (before & ~mask) | ((number << BigInt(place.bit)) & mask));
  }

  /** A member as an unsigned integer; of members wider than 8 bytes the first 8. */
  get(path: string): bigint {
    const place = this.place(path);
    const at = this.address + BigInt(place.offset);
    if (place.width === 0) return this.memory.readInteger(at, Math.min(8, place.size));
    const bits = this.memory.readInteger(at, Math.ceil((place.bit + place.width) / 8));
    return (bits >> BigInt(place.bit)) & ((1n << BigInt(place.width)) - 1n);
  }

  /** The text in a `char` array, up to its NUL. */
  text(path: string): string {
    const place = this.place(path);
    const bytes = this.memory.read(this.address + BigInt(place.offset), place.size) ?? new Uint8Array();
    const nul = bytes.indexOf(0);
    return String.fromCharCode(...(nul < 0 ? bytes : bytes.subarray(0, nul)));
  }

  /** Address of a member. */
  addressOf(path: string): bigint {
    return this.address + BigInt(this.place(path).offset);
  }
}

function findPlace(btf: Btf, struct: TypeId, path: string): FieldPlace {
  let type = struct;
  let bits = 0;
  let width = 0;
  for (const name of path.split('.')) {
    const inside = btf.skipModifiers(type);
    const kind = btf.kind(inside);
    const member =
      kind === BtfKind.Struct || kind === BtfKind.Union ? btf.findMember(inside, name) : undefined;
    if (!member)
      throw new SimError('no-field', `this kernel's ${btf.typeName(inside)} has no member ${name}`);
    bits += member.bitOffset;
    width = member.bitfieldWidth;
    type = member.type;
  }
  return { offset: Math.floor(bits / 8), bit: bits % 8, width, size: btf.sizeOf(type) ?? 0 };
}
