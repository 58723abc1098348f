import { errnoText } from '../../host/sys/index.js';
import type { FetchState } from '../../language/index.js';

/** Taken off the byte of a failed read, beside the error, where the pointer was NULL. More than any error and steps. */
export const nullMark = 64;

const EFAULT = 14;
/** The address can be no pointer of this kernel. */
const ERANGE = 34;

/** So many pointers can be told from each other; of those behind them it is said that one failed. */
export const untoldStep = ERANGE - EFAULT - 1;

/**
 * What the byte of an argument that was not read says. It is 0 minus the error of the read, minus one for each pointer that was
 * followed before, `untoldStep` at most, minus `nullMark` where the pointer was NULL. `element`: of an array, which it was.
 */
export function failureState(byte: number, element = 0): FetchState {
  const said = 256 - byte;
  const isNull = said >= nullMark;
  const rest = isNull ? said - nullMark : said;
  const place = element === 0 ? {} : { element };
  if (rest < EFAULT) return { state: 'fault', ...place, errno: errnoText(rest) };
  const errno = rest < ERANGE ? EFAULT : ERANGE;
  const step = rest - errno;
  const where = step < untoldStep ? { step, ...place } : place;
  return isNull ? { state: 'null', ...where } : { state: 'fault', ...where, errno: errnoText(errno) };
}
