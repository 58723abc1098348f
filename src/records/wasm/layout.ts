/** Where things lie in the memory that generated functions work on. Address 0 is nothing's. */
export const layout = {
  /** `00` to `99`, two bytes each. */
  digitPairs: 0x100,
  /** The numbers 0 to 15, then 16 bytes 0x80: picking with those from number N on drops the first N bytes of a vector. */
  hexShifts: 0x200,
  /** By ASCII character, in eight bytes: how JSON writes it where not as it is, and in the last byte how many bytes that takes. */
  escapes: 0x800,
  /** What the loop over records keeps between calls. */
  state: 0x400,
  /** Texts by kind and number: entries of `textEntry`. */
  textCache: 0x1_0000,
  /** The flags column by `common_flags << 8 | common_preempt_count`: five characters in eight bytes, 0 while not known. */
  flags: 0x2_0000,
  /** By event number of 16 bits, an int32. */
  types: 0xa_0000,
  /** Texts: their length as an int32, then their bytes. */
  texts: 0xe_0000,
  /** Lines. */
  out: 0x1f_0000,
  /** What is known of the bodies that there is code for: entries of `bodyEntry`. */
  bodies: 0x31_0000,
  /** The heap of the CPUs' streams: addresses of their entries; then these entries, `streamEntry`; then their sub-buffers. */
  streams: 0x32_0000,
} as const;

/** Bytes for texts, and for lines. */
export const TEXTS_SIZE = layout.out - layout.texts;
export const OUT_SIZE = layout.bodies - layout.out;

/** What the loop over records keeps at `layout.state`. */
export const state = {
  /** Streams in the heap. */
  heap: 0x00,
  /** Where the next line begins. */
  place: 0x04,
  /** Records that may still be handed out. */
  left: 0x08,
  /** Records of events that are not wanted. */
  unknown: 0x0c,
  /** Bytes from a record's start to its event's number, and to its pid. */
  typeOffset: 0x10,
  pidOffset: 0x14,
  /** Bytes that a record must have. */
  smallestPayload: 0x18,
  /** Bytes of a sub-buffer, and those before its data. */
  pageSize: 0x60,
  dataOffset: 0x64,
  /** Whether there is an `until`, the time before which records are read. */
  hasUntil: 0x1c,
  until: 0x20,
  /** The second that times are in: its beginning, how many nanoseconds of it have its text, and that. */
  secondStart: 0x28,
  secondLimit: 0x30,
  secondLength: 0x38,
  secondText: 0x40,
} as const;

/** A CPU's stream; `position` is behind the record. */
export const streamEntry = {
  size: 64,
  time: 0,
  cpu: 8,
  position: 12,
  limit: 16,
  start: 20,
  end: 24,
  /** The pid whose sender's text is at `sender`, if that is not 0. */
  pid: 28,
  sender: 32,
  /** Not 0: events were lost before the record. */
  lost: 36,
  /** The sub-buffer that the record is in, and the end of those that were copied. */
  page: 40,
  window: 44,
} as const;

/**
 * A body: the function's place in the table, bytes that the record must have, bytes that the line's rest takes at most beside
 * parts that may be as long as the record, and how many of those there are.
 */
export const bodyEntry = { size: 16, place: 0, fixedSize: 4, room: 8, strings: 12 } as const;
export const MOST_BODIES = (layout.streams - layout.bodies) / bodyEntry.size;

/** What `layout.types` says of an event without a body: not wanted, or that others write its lines. */
export const NOT_WANTED = 0;
export const NO_BODY = 1;

/** Places of the text cache: a power of two. */
export const TEXT_PLACES = 1 << 12;

/** An entry of the text cache, 16 bytes; a text at 0 is none. */
export const textEntry = { size: 16, value: 0, kind: 8, text: 12 } as const;

/** Longer texts are not kept: who meets one leaves the line to others. */
export const MOST_TEXT = 1000;

/** Bytes that may be written behind what is told. */
export const OVERSHOOT = 16;

/** What a body answers that cannot write the line. */
export const NOT_WRITTEN = -1;
