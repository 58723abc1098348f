import { existsSync, readFileSync } from 'node:fs';

/** The package's folder, with `dist` in it: what `npm run build` made. */
export const packageRoot = new URL('../../', import.meta.url);

interface Target {
  readonly types: string;
  readonly default: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, Target | string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

export const manifest = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as Manifest;

if (!existsSync(new URL('dist', packageRoot))) throw new Error('the package is not built: npm run build');

/** Entry points that are modules: the specifier that users write, and the emitted files. */
export const entryPoints = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [{ name: manifest.name + path.slice(1), ...target }],
);
