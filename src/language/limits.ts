/** How large the arguments of a line may be. */
export interface ArgumentLimits {
  /** Bytes of an argument's body, behind `NAME=`. */
  readonly body: number;
  /** Operations of an argument's program; the last slot may only hold END (spec 04). */
  readonly slots: number;
  /** Anonymous members remembered while a struct is searched. */
  readonly anonymous: number;
  /** Take a `char` with a sign for text: it has one in kernels before 6.2, and no kernel from then on. */
  readonly signedText: boolean;
}

/** What kernels allow. */
export const kernelLimits: ArgumentLimits = { body: 63, slots: 16, anonymous: 16, signedText: false };

/**
 * For lines that no kernel sees as they are: lowering says them in another way, and what comes of it is judged by the
 * kernel's own limits; eBPF makes programs of them.
 */
export const looseLimits: ArgumentLimits = { body: 4000, slots: 1024, anonymous: 1 << 16, signedText: true };
