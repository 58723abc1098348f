/**
 * Lets timers and signals have their turn: a loop of promises alone would starve them. Not for what runs in a browser, which
 * has no such thing.
 */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
