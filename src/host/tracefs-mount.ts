import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './files.js';

/** Where tracefs stands when the list of mounts does not tell, the second being the old place below debugfs. */
const usualPlaces = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'] as const;

/** What to do when `findTracefs` finds none. btfprobe never mounts anything by itself (spec 14 R14-1). */
export const mountTracefsHint = 'mount it: mount -t tracefs nodev /sys/kernel/tracing';

/**
 * The folder where tracefs is mounted, `undefined` when it is not. Looks into `/proc/self/mountinfo`, then at the
 * usual places. `root` is put in front of every path, for a machine whose files are seen below a folder.
 */
export function findTracefs(root = '/'): string | undefined {
  const listed = listedMounts(join(root, '/proc/self/mountinfo'))[0];
  if (listed !== undefined) return join(root, listed);
  return usualPlaces.map(place => join(root, place)).find(folder => existsSync(join(folder, 'README')));
}

/** Mount points of whole tracefs file systems, the usual place first. */
function listedMounts(path: string): readonly string[] {
  const mounts = parseMountinfo(Buffer.from(readIfThere(path) ?? []).toString('latin1')).filter(
    mount => mount.type === 'tracefs' && mount.root === '/',
  );
  const places = mounts.map(mount => mount.place);
  return [
    ...places.filter(place => place === usualPlaces[0]),
    ...places.filter(place => place !== usualPlaces[0]),
  ];
}

/** One line of `/proc/self/mountinfo`. */
export interface Mount {
  /** File system type: `tracefs`. */
  readonly type: string;
  /** The folder of that file system that is mounted: `/` for all of it. */
  readonly root: string;
  readonly place: string;
}

/** Reads the text of `mountinfo` (proc(5)). Lines of another shape are passed over. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap(line => {
    const parts = /^\d+ \d+ \d+:\d+ (\S+) (\S+) \S+ (?:\S+ )*?- (\S+) /.exec(line);
    return parts === null
      ? []
      : [{ type: parts[3]!, root: unescapeOctal(parts[1]!), place: unescapeOctal(parts[2]!) }];
  });
}

/** mountinfo writes blanks, tabs, newlines and backslashes as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
