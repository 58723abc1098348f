import { constants } from 'node:os';

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** Numbers that Node does not name: those of the kernel's interior that system calls let out. */
const others: ReadonlyMap<number, string> = new Map([
  [524, 'ENOTSUPP'],
  [512, 'ERESTARTSYS'],
  [3, 'ESRCH'],
  [116, 'ESTALE'],
]);

/** The symbolic name of an errno; the number as text where it has none. */
export function errnoName(errno: number): string {
  // EWOULDBLOCK and EOPNOTSUPP share their numbers with names that come first.
  if (errno === constants.errno.EAGAIN) return 'EAGAIN';
  if (errno === constants.errno.EOPNOTSUPP) return 'EOPNOTSUPP';
  return names.get(errno) ?? others.get(errno) ?? `errno ${errno}`;
}
