import type { EventField } from '../kernel/index.js';

/**
 * How a field of an event holds text, as the kernel tells by the words of its type (spec 02 section 1): by a `__data_loc` or
 * `__rel_loc`, inside the record, or behind a pointer. `undefined`: it is no text. The bytes of `unsigned char` count too.
 */
export function textPlace({
  type,
  array,
}: Pick<EventField, 'type' | 'array'>): 'located' | 'relative' | 'inside' | 'pointer' | undefined {
  const hasChars = type.includes('char');
  if (type.includes('__data_loc')) return hasChars ? 'located' : undefined;
  if (type.includes('__rel_loc')) return hasChars ? 'relative' : undefined;
  if (hasChars && (array !== undefined || type.includes('['))) return 'inside';
  return type === 'char *' || type === 'const char *' ? 'pointer' : undefined;
}
