// Replaces the compiled command line by one bundled file and V8's compiled form of it. The rooms stay as they are for
// programs that import them; the command line alone is bundled, because loading and compiling a hundred small modules
// costs a cold start more than its work does.
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../dist/cli/', import.meta.url));
const app = `${folder}app.cjs`;

// The bundle is CommonJS, which Node starts sooner than a module; what tsc wrote there is not, until it is replaced.
await rm(`${folder}package.json`, { force: true });
const { compileApp } = await import('../dist/cli/app-script.js');

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
  banner: { js: ownUrl },
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
await writeFile(`${folder}package.json`, '{ "type": "commonjs" }\n');
await chmod(`${folder}main.js`, 0o755);

// One check is run, so that the functions of the commonest command are compiled.
await rm(`${app}.code`, { force: true });
const { script, load } = compileApp(app, false);
const { runCommandLine } = load();
const write = process.stdout.write;
process.stdout.write = (_chunk, encoding, done) => {
  const callback = typeof encoding === 'function' ? encoding : done;
  if (callback) process.nextTick(callback);
  return true;
};
await runCommandLine([
  'node',
  'btfprobe',
  'check',
  'f vfs_read name=file->f_path.dentry->d_name.name:string count',
]);
await runCommandLine(['node', 'btfprobe', 'check', 'f vfs_read file->nope']);
process.stdout.write = write;
await writeFile(`${app}.code`, script.createCachedData());

// What went into the bundle is not needed beside it.
const kept = new Set(['main.js', 'app-script.js', 'report-worker-main.js']);
const rest = (await readdir(folder)).filter(name => /\.js(\.map)?$/.test(name) && !kept.has(name));
await Promise.all(rest.map(name => rm(`${folder}${name}`)));
