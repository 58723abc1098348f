import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { entryPoints, manifest, packageRoot } from './built.js';

/** Entry points that must work in a browser: docs/architecture.md. */
const forBrowsers = ['btf', 'kernel', 'language', 'program', 'records', 'formats', 'backends/sim'];

/** What the modules that `file` reaches import from outside `dist`: name, and the first module that does. */
function outsideImports(
  file: URL,
  seen = new Set<string>(),
  found = new Map<string, string>(),
): Map<string, string> {
  if (seen.has(file.href)) return found;
  seen.add(file.href);
  const text = readFileSync(file, 'utf8');
  for (const { fileName: name } of ts.preProcessFile(text).importedFiles) {
    if (name.startsWith('.')) outsideImports(new URL(name, file), seen, found);
    else if (!found.has(name)) found.set(name, file.pathname.split('/dist/')[1] ?? file.pathname);
  }
  return found;
}

test.each(entryPoints)('$name can be imported, and has types', async ({ name, types, default: file }) => {
  expect(existsSync(new URL(types, packageRoot))).toBe(true);
  const module = (await import(/* @vite-ignore */ new URL(file, packageRoot).href)) as object;
  expect(Object.keys(module).length, `${name} exports nothing`).toBeGreaterThan(0);
});

test('every entry point for browsers is one of the package', () => {
  expect(entryPoints.map(({ name }) => name)).toEqual(
    expect.arrayContaining(forBrowsers.map(name => `${manifest.name}/${name}`)),
  );
});

test.each(forBrowsers)('%s needs nothing of Node and no package', name => {
  const entry = new URL(`dist/${name}/index.js`, packageRoot);
  expect(Object.fromEntries(outsideImports(entry))).toEqual({});
});

test('formats/perfetto needs one package and nothing of Node', () => {
  const entry = new URL('dist/formats/perfetto/index.js', packageRoot);
  expect([...outsideImports(entry).keys()]).toEqual(['@bufbuild/protobuf/wire']);
});

test('the walk over imports does see what Node is asked for', () => {
  const host = outsideImports(new URL('dist/host/index.js', packageRoot));
  expect([...host.keys()].filter(isBuiltin)).toContain('node:fs');
});

test('the program starts with an interpreter line, and what is packed exists', () => {
  for (const file of Object.values(manifest.bin)) {
    expect(readFileSync(new URL(file, packageRoot), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  }
  for (const file of manifest.files) expect(existsSync(new URL(file, packageRoot)), file).toBe(true);
});
