/** An event's format file. */
export interface FormatText {
  readonly group: string;
  /** Bytes, one per character. */
  readonly text: string;
}

/** Where the sub-buffers of one CPU are. */
export interface CpuData {
  readonly cpu: number;
  /** In the file. */
  readonly offset: number;
  /** As the file says it: bytes of whole sub-buffers, or of compressed pieces. */
  readonly size: number;
}

/** One buffer: the top level one, or an instance's. */
export interface BufferData {
  /** '' is the top level. */
  readonly name: string;
  /** Name of its clock, '' when not told. */
  readonly clock: string;
  /** Bytes of a sub-buffer. */
  readonly pageSize: number;
  readonly compressed: boolean;
  readonly cpus: readonly CpuData[];
}

/** A part that holds the text of a `trace` file (a "latency" recording). */
export interface TextData {
  readonly name: string;
  readonly bytes: () => Uint8Array;
}

/** An option that is not one of the parts, as stored. */
export interface FileOption {
  readonly id: number;
  readonly data: Uint8Array;
}

/** All of a trace.dat but its records (spec 13). */
export interface TraceDatContents {
  readonly version: 6 | 7;
  readonly littleEndian: boolean;
  /** Bytes of a `long` of user space. */
  readonly longSize: number;
  readonly pageSize: number;
  /** `none`, or the algorithm's name. */
  readonly compression: string;
  readonly headerPage: string | undefined;
  readonly headerEvent: string | undefined;
  readonly formats: readonly FormatText[];
  readonly kallsyms: Uint8Array | undefined;
  /** `printk_formats`: addresses of texts of the kernel, as `0xADDRESS : "TEXT"` lines. */
  readonly printk: Uint8Array | undefined;
  readonly cmdlines: string;
  readonly options: readonly FileOption[];
  readonly buffers: readonly BufferData[];
  readonly texts: readonly TextData[];
}
