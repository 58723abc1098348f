import type { Dialect, Kernel } from '../../kernel/index.js';

/** A part of the probe language and the kernel that brought it (spec 06). */
interface Feature {
  readonly what: string;
  /** First release of Linux that has it. */
  readonly since: string;
}

const features: Readonly<Record<keyof Dialect, Feature>> = {
  fprobe: { what: 'events on functions by name (f)', since: '6.5' },
  tprobe: { what: 'probes on raw tracepoints (t)', since: '6.5' },
  eprobe: { what: 'events on events (e)', since: '5.15' },
  eprobeFilter: { what: 'filters of eprobes (if ...)', since: '6.1' },
  btfArgs: { what: 'arguments by their C names', since: '6.5' },
  btfFields: { what: 'members of structs (->)', since: '6.6' },
  functionArgs: { what: '$argN', since: '4.20' },
  returnArgs: { what: 'arguments of a function at its return', since: '6.9' },
  userDeref: { what: 'reading user memory with +u', since: '5.2' },
  immediates: { what: 'constants (\\1, \\"text")', since: '5.4' },
  ustring: { what: 'the type ustring', since: '5.2' },
  symstr: { what: 'the type symstr', since: '6.1' },
  charType: { what: 'the type char', since: '6.5' },
  dentryPath: { what: '%pd and %pD', since: '6.10' },
  arrays: { what: 'arrays', since: '4.20' },
  appendEvents: { what: 'several probes in one event', since: '5.4' },
};

/** `the type char needs Linux 6.5 or newer; 6.1.0-56-amd64 has it not`, or `undefined` where the kernel has the feature. */
export function missingFeature(kernel: Kernel, feature: keyof Dialect): string | undefined {
  if (kernel.dialect[feature]) return undefined;
  const { what, since } = features[feature];
  return `this needs Linux ${since} or newer (${what}); ${kernel.release} does not have it`;
}
