import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** This module lies one folder below all compiled code, bundled or not. */
const codeFolder = fileURLToPath(new URL('..', import.meta.url));

/**
 * Text that changes with the code of this program: names, sizes and times of its files. A version number would have to
 * be thought of at every change of a verdict.
 */
export function codeIdentity(): string {
  const files = readdirSync(codeFolder, { recursive: true, encoding: 'utf8' }).filter(name =>
    /\.[cm]?[jt]s$/.test(name),
  );
  const described = files.sort().map(name => {
    const { size, mtimeMs } = statSync(`${codeFolder}/${name}`);
    return `${name} ${size} ${mtimeMs}`;
  });
  return `${codeFolder}\n${described.join('\n')}`;
}
