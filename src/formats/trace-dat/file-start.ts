import type { RecordLayout } from '../../kernel/index.js';
import { formatFile } from '../../language/index.js';
import { COMMON_PAGE_FORMAT, type TracedEvent } from '../../records/index.js';
import { BytesWriter } from './bytes-writer.js';
import { DEFINITIONS_OPTION, definitionsOption } from './definitions.js';

/** What the start of a file says. */
export interface FileStartOptions {
  readonly events: readonly TracedEvent[];
  /** Numbers of the CPUs that may have records. */
  readonly cpus: readonly number[];
  /** `uname -r` of the traced machine. */
  readonly release: string;
  /** Name of the buffer's clock. */
  readonly clock: string;
  /** Architecture as `uname -m` names it. */
  readonly machine: string;
}

/** The start of a file, and the places in it that are written again while records come. */
export interface FileStart {
  readonly bytes: Uint8Array;
  /** Place and room of the texts that grow, behind their size. */
  readonly kallsyms: Slot;
  readonly cmdlines: Slot;
  /** Where it stands where more options are: nowhere yet. */
  readonly nextOptions: number;
  /** Where the size of the section of records stands. */
  readonly bufferSize: number;
  /** For each CPU where its offset and size stand. */
  readonly cpuTable: ReadonlyMap<number, number>;
  /** Where the first CPU's records go: a page boundary. */
  readonly data: number;
}

/** Room for a text that grows. Its size, written last, says how much of it holds. */
export interface Slot {
  readonly sizeOffset: number;
  readonly sizeBytes: 4 | 8;
  readonly offset: number;
  readonly room: number;
}

/** What the file says of who wrote it. */
export const WRITER = 'btfprobe';

const SLOT = 1 << 16;
/** Bytes from one CPU's records to the next one's while records come; nothing is there until it is written. */
export const CPU_ROOM = 2 ** 34;
const PAGE = COMMON_PAGE_FORMAT.size;
const CLOCKS = ['local', 'global', 'counter', 'uptime', 'perf', 'mono', 'mono_raw', 'boot', 'tai', 'x86-tsc'];

const HEADER_PAGE = `\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;
`;
const HEADER_EVENT = `# compressed entry header
\ttype_len    :    5 bits
\ttime_delta  :   27 bits
\tarray       :   32 bits

\tpadding     : type == 29
\ttime_extend : type == 30
\ttime_stamp : type == 31
\tdata max type_len  == 28
`;

/** Sections by id, with the names that trace-cmd gives them. */
const NAMES = new Map([
  [16, 'headers'],
  [17, 'ftrace events'],
  [18, 'events format'],
  [19, 'kallsyms'],
  [20, 'printk'],
  [21, 'command lines'],
  [0, 'options'],
  [3, 'buffer flyrecord '],
  [15, 'strings'],
]);

/** Lays out everything before the records: version 7, not compressed, little endian (spec 13 sections 1, 2, 4, 6). */
export function layOutStart(options: FileStartOptions): FileStart {
  const out = new BytesWriter();
  out
    .put(Uint8Array.of(0x17, 0x08, 0x44))
    .text('tracing')
    .string('7')
    .u8(0)
    .u8(8)
    .u32(PAGE);
  out.string('none').string('');
  const optionsPlace = out.length;
  out.u64(0);
  const places = new Map<number, number>();
  const section = (id: number, body: Uint8Array): number => {
    places.set(id, out.length);
    out.u16(id).u16(0).u32(nameOffset(id)).u64(body.length);
    const start = out.length;
    out.put(body);
    return start;
  };
  section(16, headers());
  section(17, new BytesWriter().u32(0).bytes());
  section(18, eventFormats(options.events));
  const kallsyms = section(19, new BytesWriter().u32(0).zeros(SLOT).bytes());
  section(20, new BytesWriter().u32(0).bytes());
  const cmdlines = section(21, new BytesWriter().u64(0).zeros(SLOT).bytes());
  section(15, [...NAMES.values()].reduce((all, name) => all.string(name), new BytesWriter()).bytes());
  const optionsAt = out.length;
  const { bytes: option, tableAt, bufferAt } = optionList(options, places);
  const optionsStart = section(0, option);
  const buffer = out.length;
  out.u16(3).u16(0).u32(nameOffset(3)).u64(0);
  out.zeros((PAGE - (out.length % PAGE)) % PAGE);
  const bytes = out.bytes();
  const view = new DataView(bytes.buffer);
  view.setBigUint64(optionsPlace, BigInt(optionsAt), true);
  view.setBigUint64(optionsStart + bufferAt, BigInt(buffer), true);
  for (let cpu = 0; cpu < options.cpus.length; cpu++) {
    view.setBigUint64(optionsStart + tableAt + cpu * 20 + 4, BigInt(bytes.length), true);
  }
  // Until it is known: trace-cmd looks for another section behind this one, and takes what it finds there for one.
  const room = options.cpus.length * CPU_ROOM;
  view.setBigUint64(buffer + 8, BigInt(bytes.length + room - buffer - 16), true);
  return {
    bytes,
    kallsyms: { sizeOffset: kallsyms, sizeBytes: 4, offset: kallsyms + 4, room: SLOT },
    cmdlines: { sizeOffset: cmdlines, sizeBytes: 8, offset: cmdlines + 8, room: SLOT },
    nextOptions: optionsStart + option.length - 8,
    bufferSize: buffer + 8,
    cpuTable: new Map(options.cpus.map((cpu, index) => [cpu, optionsStart + tableAt + index * 20 + 4])),
    data: bytes.length,
  };
}

/** A further section of options, with one. */
export function optionSection(id: number, data: Uint8Array): Uint8Array {
  const body = new BytesWriter().u16(id).u32(data.length).put(data).u16(0).u32(8).u64(0).bytes();
  return new BytesWriter().u16(0).u16(0).u32(nameOffset(0)).u64(body.length).put(body).bytes();
}

function headers(): Uint8Array {
  const out = new BytesWriter();
  for (const [name, text] of [
    ['header_page', HEADER_PAGE],
    ['header_event', HEADER_EVENT],
  ] as const) {
    out.string(name).u64(text.length).text(text);
  }
  return out.bytes();
}

function eventFormats(events: readonly TracedEvent[]): Uint8Array {
  const groups = new Map<string, TracedEvent[]>();
  for (const event of events) groups.set(event.group, [...(groups.get(event.group) ?? []), event]);
  const out = new BytesWriter().u32(groups.size);
  for (const [group, members] of groups) {
    out.string(group).u32(members.length);
    for (const { name, layout } of members) {
      const text = formatFile(withPrintFormat(withCounts({ ...layout, group, name })));
      out.u64(text.length).text(text);
    }
  }
  return out.bytes();
}

/** Readers take `u64 a[]` of 24 bytes for an array without elements: the count is written (spec 13 R13-5). */
function withCounts(layout: RecordLayout): RecordLayout {
  const width = (type: string) => Number(/(8|16|32|64)$/.exec(type)?.[1] ?? 0) / 8;
  return {
    ...layout,
    fields: layout.fields.map(field => {
      const size = width(field.type);
      return field.array === '' && size > 0 && field.size > 0
        ? { ...field, array: String(field.size / size) }
        : field;
    }),
  };
}

/** A layout from a bundle may lack its print format: its fields are then printed one by one. */
function withPrintFormat(layout: RecordLayout): RecordLayout {
  if (layout.printFmt !== '') return layout;
  const pieces = layout.fields.flatMap(
    ({ name, type, array, size, signed }): { piece: string; arg: string }[] => {
      const isText = /^(?:const )?char$/.test(type) && array !== undefined;
      if (isText && size > 0) return [{ piece: `${name}=%s`, arg: `REC->${name}` }];
      if (type === '__data_loc char[]') return [{ piece: `${name}=%s`, arg: `__get_str(${name})` }];
      if (array !== undefined || ![1, 2, 4, 8].includes(size) || type.startsWith('__')) return [];
      const length = size === 8 ? 'll' : '';
      return [{ piece: `${name}=%${length}${signed ? 'd' : 'u'}`, arg: `REC->${name}` }];
    },
  );
  const format = pieces.map(({ piece }) => piece).join(' ');
  const args = pieces.map(({ arg }) => `, ${arg}`).join('');
  return { ...layout, printFmt: `"${format}"${args}` };
}

function optionList(
  { cpus, events, release, clock, machine }: FileStartOptions,
  places: ReadonlyMap<number, number>,
): { bytes: Uint8Array; tableAt: number; bufferAt: number } {
  const out = new BytesWriter();
  for (const id of [16, 17, 18, 19, 20, 21])
    out
      .u16(id)
      .u32(8)
      .u64(places.get(id) ?? 0);
  const clocks = CLOCKS.map(name => (name === clock ? `[${name}]` : name)).join(' ');
  const texts = [
    [4, `${clocks}\n`],
    [5, `Linux btfprobe ${release} ${machine}`],
    [9, WRITER],
  ] as const;
  for (const [id, text] of texts)
    out
      .u16(id)
      .u32(text.length + 1)
      .string(text);
  out.u16(8).u32(4).u32(cpus.length);
  const definitions = definitionsOption(events);
  out.u16(DEFINITIONS_OPTION).u32(definitions.length).put(definitions);
  out.u16(3).u32(8 + 1 + clock.length + 1 + 4 + 4 + cpus.length * 20);
  const bufferAt = out.length;
  out.u64(0).string('').string(clock).u32(PAGE).u32(cpus.length);
  const tableAt = out.length;
  for (const cpu of cpus) out.u32(cpu).u64(0).u64(0);
  out.u16(0).u32(8).u64(0);
  return { bytes: out.bytes(), tableAt, bufferAt };
}

function nameOffset(wanted: number): number {
  let offset = 0;
  for (const [id, name] of NAMES) {
    if (id === wanted) return offset;
    offset += name.length + 1;
  }
  return 0;
}
