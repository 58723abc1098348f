import type { KernelSymbol } from './types.js';

/** Does kallsyms say that the symbol is code, weak or not? */
export function isCode({ type }: Pick<KernelSymbol, 'type'>): boolean {
  return /^[tTwW]$/.test(type);
}
