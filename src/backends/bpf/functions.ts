import { isCode, type Kernel } from '../../kernel/index.js';
import { BackendError } from '../error.js';

/** Functions to attach to: by name where each is one function's, otherwise all by address. */
export type FunctionTargets =
  | { readonly symbols: readonly string[] }
  | { readonly addresses: readonly bigint[] };

/**
 * Do several functions have that name? Programs that go by type or name are put on the first alone (spec 15 R15-11). A
 * global function is taken to be the only one: to know of a static namesake all symbols would have to be read, for every
 * session, and two in 40,000 names have one behind them.
 */
export function isSharedName(symbol: string, { symbols }: Kernel): boolean {
  const first = symbols.first(symbol);
  if (first === undefined || first.type === 'T' || first.type === 'W') return false;
  return symbols.find(symbol).filter(isCode).length > 1;
}

/** All functions of these names. Throws a `BackendError` where it takes addresses and they are hidden. */
export function functionTargets(names: readonly string[], { symbols, functions }: Kernel): FunctionTargets {
  const codeOf = (name: string) => symbols.find(name).filter(isCode);
  const [only, ...others] = names;
  // Names of a pattern are ftrace's, which lists each as often as there are functions of it.
  const isShared =
    only !== undefined && others.length === 0
      ? codeOf(only).length > 1
      : names.some(name => functions.count(name) > 1);
  if (!isShared) return { symbols: names };
  const addresses = names.flatMap(name => codeOf(name).map(({ address }) => address));
  if (addresses.includes(0n)) {
    throw new BackendError(
      'unsupported',
      'functions that share a name go by address, and addresses are hidden',
      {
        hints: ['run it as root, or with CAP_SYSLOG'],
      },
    );
  }
  const traceable = addresses.filter(address => functions.siteOffsetAt(address) !== undefined);
  return { addresses: functions.sitesKnown ? traceable : addresses };
}
