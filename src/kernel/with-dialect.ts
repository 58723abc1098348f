import type { Dialect, Kernel } from './types.js';
import { KernelView } from './view.js';

/**
 * A view of a kernel whose probe language is another dialect's: the same types, symbols and events, judged by other
 * rules. The kernel does not change, and disposing the view leaves it alone; the view ends with the kernel.
 */
export function withDialect(kernel: Kernel, dialect: Dialect): Kernel {
  return new KernelView(kernel, { dialect });
}

/**
 * A view of a kernel in which no event's name is taken, for lines that go to a group of their own. Events can be found
 * and attached to as before.
 */
export function withFreeNames(kernel: Kernel): Kernel {
  const { events } = kernel;
  return new KernelView(kernel, {
    events: {
      has: () => false,
      find: (group, name) => events.find(group, name),
      names: () => events.names(),
    },
  });
}

/**
 * A view of a kernel that does not read ftrace's lists of functions, which are long in the making: what they would tell counts as
 * unknown, patterns excepted. For whoever asks the running kernel next, which has the last word.
 */
export function withoutFunctionLists(kernel: Kernel): Kernel {
  const { functions } = kernel;
  return new KernelView(kernel, {
    functions: {
      namesKnown: false,
      sitesKnown: false,
      has: () => false,
      count: () => 0,
      siteOffset: () => undefined,
      siteOffsetAt: () => undefined,
      match: pattern => functions.match(pattern),
      names: () => functions.names(),
    },
  });
}
