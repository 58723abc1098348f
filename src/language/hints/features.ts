import { type DialectFeatures, dialectFeatures, type Kernel } from '../../kernel/index.js';

/** A part of the probe language and the kernel that brought it (spec 06). */
interface Feature {
  readonly what: string;
  /** First release of Linux that has it. */
  readonly since: string;
  /** The option that it must have been built with, besides. */
  readonly option?: string;
}

const features: Readonly<Record<keyof DialectFeatures, Feature>> = {
  fprobe: { what: 'events on functions by name (f)', since: '6.5', option: 'CONFIG_FPROBE_EVENTS' },
  tprobe: { what: 'probes on raw tracepoints (t)', since: '6.5', option: 'CONFIG_FPROBE_EVENTS' },
  eprobe: { what: 'events on events (e)', since: '5.15' },
  eprobeFilter: { what: 'filters of eprobes (if ...)', since: '6.1' },
  btfArgs: { what: 'arguments by their C names', since: '6.5', option: 'CONFIG_PROBE_EVENTS_BTF_ARGS' },
  btfFields: { what: 'members of structs (->)', since: '6.6', option: 'CONFIG_PROBE_EVENTS_BTF_ARGS' },
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

/**
 * `this needs Linux 6.5 or newer (the type char); 6.1.0-56-amd64 does not have it`, or the option that a newer kernel was
 * built without; `undefined` where the kernel has the feature.
 */
export function missingFeature(kernel: Kernel, feature: keyof DialectFeatures): string | undefined {
  const { dialect } = kernel;
  if (dialect[feature]) return undefined;
  const { what, since, option } = features[feature];
  if (dialect.isRow)
    return `this needs Linux ${since} or newer (${what}); the dialect ${dialect.name} does not have it`;
  if (option !== undefined && isNewEnough(kernel, since))
    return `this needs a kernel that was built with ${option} (${what}); ${kernel.release} was not`;
  return `this needs Linux ${since} or newer (${what}); ${kernel.release} does not have it`;
}

/** Does a feature that needs no option show that the kernel is of that release, or of a later one? */
function isNewEnough({ dialect }: Kernel, release: string): boolean {
  return dialectFeatures.some(feature => {
    const { since, option } = features[feature];
    return option === undefined && dialect[feature] && compareReleases(since, release) >= 0;
  });
}

function compareReleases(a: string, b: string): number {
  const [major = 0, minor = 0] = a.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = b.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}
