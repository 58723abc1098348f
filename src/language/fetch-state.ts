/**
 * How the fetch of an argument went, as far as its source can tell. `step` counts the pointers that were followed, from
 * 0; which expression that was, `FieldType.pointers` says. It is missing where the source knows only that the fetch failed.
 */
export type FetchState =
  /** The value is what it was. */
  | { readonly state: 'ok' }
  /** The source cannot tell: a number whose read failed looks like any other. */
  | { readonly state: 'unknown' }
  /** A pointer on the way, or the last one, was NULL. */
  | { readonly state: 'null'; readonly step?: number; readonly element?: number }
  /** The memory could not be read. */
  | {
      readonly state: 'fault';
      readonly step?: number;
      readonly element?: number;
      /** What could not be read. */
      readonly address?: bigint;
      /** The error of the read, where that is what the source knows: `EFAULT`. */
      readonly errno?: string;
    }
  /** There is more than was recorded: so many bytes are here, a NUL not counted. */
  | { readonly state: 'truncated'; readonly length: number }
  /** The record contradicts itself: the value lies outside of it. */
  | { readonly state: 'damaged' };
