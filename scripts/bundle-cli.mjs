// Replaces the compiled command line by a few bundled files. The rooms stay as they are for programs that import them;
// the command line alone is bundled, because loading a hundred small modules costs a cold start more than its work.
import { readdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../dist/cli/', import.meta.url));

const { metafile } = await build({
  metafile: true,
  entryPoints: [`${folder}main.js`],
  outdir: folder,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  chunkNames: 'part-[hash]',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'inline',
  sourcemap: true,
  sourcesContent: false,
  // commander is CommonJS and asks for node's modules by `require`.
  banner: {
    js: "import{createRequire as btfprobeRequire}from'node:module';const require=btfprobeRequire(import.meta.url);",
  },
});

// What went into the bundle, and parts of earlier ones, are not needed beside it.
const written = new Set(Object.keys(metafile.outputs).map(path => basename(path)));
const rest = (await readdir(folder)).filter(name => /\.js(\.map)?$/.test(name) && !written.has(name));
await Promise.all(rest.map(name => rm(`${folder}${name}`)));
