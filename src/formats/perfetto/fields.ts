import { WireType } from '@bufbuild/protobuf/wire';

/** Tags of the fields of Perfetto's messages that are written (spec 16 section 3), by message. */
const varint = (field: number) => ((field << 3) | WireType.Varint) >>> 0;
const bytes = (field: number) => ((field << 3) | WireType.LengthDelimited) >>> 0;
const bits64 = (field: number) => ((field << 3) | WireType.Bit64) >>> 0;

export const Trace = { packet: bytes(1) } as const;

export const TracePacket = {
  clockSnapshot: bytes(6),
  timestamp: varint(8),
  sequenceId: varint(10),
  trackEvent: bytes(11),
  internedData: bytes(12),
  sequenceFlags: varint(13),
  defaults: bytes(59),
  trackDescriptor: bytes(60),
} as const;

export const ClockSnapshot = { clocks: bytes(1), primaryTraceClock: varint(2) } as const;
export const Clock = { id: varint(1), timestamp: varint(2) } as const;
export const PacketDefaults = { timestampClockId: varint(58) } as const;

export const TrackDescriptor = {
  uuid: varint(1),
  name: bytes(2),
  process: bytes(3),
  thread: bytes(4),
  parentUuid: varint(5),
  counter: bytes(8),
} as const;
export const ProcessDescriptor = { pid: varint(1), name: bytes(6) } as const;
export const ThreadDescriptor = { pid: varint(1), tid: varint(2), name: bytes(5) } as const;

export const TrackEvent = {
  categoryIid: varint(3),
  annotation: bytes(4),
  type: varint(9),
  nameIid: varint(10),
  trackUuid: varint(11),
  counterValue: varint(30),
  doubleCounterValue: bits64(44),
} as const;

export const Annotation = {
  nameIid: varint(1),
  bool: varint(2),
  uint: varint(3),
  int: varint(4),
  string: bytes(6),
  pointer: varint(7),
  element: bytes(12),
} as const;

export const InternedData = {
  categories: bytes(1),
  eventNames: bytes(2),
  annotationNames: bytes(3),
} as const;
export const Interned = { iid: varint(1), name: bytes(2) } as const;

/** `TrackEvent.type`. */
export const EventType = { sliceBegin: 1, sliceEnd: 2, instant: 3, counter: 4 } as const;
/** `TracePacket.sequence_flags`. */
export const SequenceFlag = { stateCleared: 1, needsState: 2 } as const;
