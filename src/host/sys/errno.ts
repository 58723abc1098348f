import { errnoName } from '../../kernel/index.js';

/** The symbolic name of an errno; the number as text where it has none. */
export function errnoText(errno: number): string {
  return errnoName(errno) ?? `errno ${errno}`;
}
