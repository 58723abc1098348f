// Replaces the compiled command line by one bundled file and V8's compiled forms of it. The rooms stay as they are for
// programs that import them; the command line alone is bundled, because loading and compiling a hundred small modules
// costs a cold start more than its work does.
import { execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../dist/cli/', import.meta.url));
const app = `${folder}app.cjs`;
const rehearse = fileURLToPath(new URL('rehearse-cli.mjs', import.meta.url));

// The bundle is CommonJS, which Node starts sooner than a module; what tsc wrote there is not, until it is replaced.
await rm(`${folder}package.json`, { force: true });

/** commander loads child_process for sub-commands that are programs; there are none, and loading it takes long. */
const lazyChildProcess = {
  name: 'lazy-child-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      importer.includes('commander') ? { path: 'child_process', namespace: 'lazy' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: "module.exports = { get spawn() { return require('node:child_process').spawn; } };",
    }));
  },
};

/** Packages that may be missing stay outside, and the bundle is handed how to import them (src/cli/app-script.ts). */
const optionalPackages = {
  name: 'optional-packages',
  setup({ onLoad }) {
    onLoad({ filter: /dist\/host\/parquet\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace("import('hyparquet-writer')", "importPackage('hyparquet-writer')");
      if (contents === text) throw new Error(`${path} imports no optional package`);
      return { contents };
    });
  },
};

/** What `import.meta.url` becomes. */
const ownUrl = "const ownUrl=require('node:url').pathToFileURL(__filename).href;";

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  define: { 'import.meta.url': 'ownUrl' },
  target: 'node20.19',
  minifyWhitespace: true,
  minifySyntax: true,
};

await build({
  ...common,
  entryPoints: [`${folder}program.js`],
  outfile: app,
  plugins: [lazyChildProcess, optionalPackages],
  // A function as a whole, not a module: src/cli/app-script.ts calls it.
  banner: {
    js: `(function(exports,require,module,__filename,__dirname,importPackage){${ownUrl}`,
  },
  footer: { js: '})' },
});
await build({
  ...common,
  entryPoints: [`${folder}bundled-main.js`],
  outfile: `${folder}main.js`,
  allowOverwrite: true,
  banner: { js: `#!/usr/bin/env node\n${ownUrl}` },
});
await build({
  ...common,
  entryPoints: [`${folder}bundled-report-worker.js`],
  outfile: `${folder}report-worker-main.js`,
  allowOverwrite: true,
  banner: { js: ownUrl },
});
if (/[^\0-\x7f]/.test(await readFile(app, 'latin1'))) throw new Error(`${app} is not ASCII`);
// Each in a process of its own: what one command has compiled is not part of another's form.
for (const name of await readdir(folder)) if (name.endsWith('.code')) await rm(`${folder}${name}`);
for (const form of ['check', 'trace', 'bpf', 'report'])
  execFileSync(process.execPath, [rehearse, form], { stdio: ['ignore', 'ignore', 'inherit'] });
await writeFile(`${folder}package.json`, '{ "type": "commonjs" }\n');
await chmod(`${folder}main.js`, 0o755);

// What went into the bundle is not needed beside it.
const kept = new Set(['main.js', 'app-script.js', 'report-worker-main.js']);
const rest = (await readdir(folder)).filter(name => /\.js(\.map)?$/.test(name) && !kept.has(name));
await Promise.all(rest.map(name => rm(`${folder}${name}`)));
