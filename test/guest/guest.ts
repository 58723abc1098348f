import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const run = promisify(execFile);

/** One boot of a real kernel in the guest, in which a script of `fixtures/` runs. */
export interface GuestBoot {
  readonly kernel: '6.12-cloud' | '6.12' | '6.1';
  /** Modules to load before. */
  readonly modules?: readonly string[];
  /** Programs of this machine to put in the guest. */
  readonly programs?: readonly string[];
  /** File name in `fixtures/`. It gets `args` and calls `report(name, value)` of `fixtures/report.mjs`. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Files and folders to put in the guest: paths there to paths here. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files to take out of the guest after the run: paths there to paths here. */
  readonly taken?: Readonly<Record<string, string>>;
  /** More parameters of the kernel. */
  readonly parameters?: string;
  /** Time limit, boot included, default 600. */
  readonly seconds?: number;
}

/** What the script said. */
export interface GuestAnswer {
  /** What it reported, by name. */
  readonly results: Readonly<Record<string, unknown>>;
  /** Its standard output and error. */
  readonly output: string;
}

/**
 * Boots a kernel, runs a script with the built package and gives back its reports. Everything of one kernel belongs in
 * one boot: software emulation takes 10 to 20 seconds for it. Rejects when the script fails, with its output.
 */
export async function bootGuest(boot: GuestBoot): Promise<GuestAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'btfprobe-guest-'));
  try {
    const results = join(folder, 'results.jsonl');
    const options = ['-n', '-k', boot.kernel, '-t', String(boot.seconds ?? 600)];
    for (const module of boot.modules ?? []) options.push('-m', module);
    for (const program of boot.programs ?? []) options.push('-p', program);
    for (const file of installedFiles()) options.push('-f', `${join(root, file)}:/data/btfprobe/${file}`);
    options.push('-f', `${join(root, 'test/guest/fixtures')}:/data/btfprobe/fixtures`);
    for (const [there, here] of Object.entries(boot.files ?? {})) options.push('-f', `${here}:${there}`);
    options.push('-o', `/tmp/results.jsonl:${results}`);
    for (const [there, here] of Object.entries(boot.taken ?? {})) options.push('-o', `${there}:${here}`);
    const command = ['node', `/data/btfprobe/fixtures/${boot.script}`, ...(boot.args ?? [])].join(' ');
    const output = await guest(['run', ...options, '--', command], boot.parameters);
    return { results: existsSync(results) ? readReports(results) : {}, output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function guest(args: readonly string[], parameters = process.env.GUEST_APPEND): Promise<string> {
  try {
    const { stdout } = await run('bash', [join(root, 'test/kernel-guest/guest'), ...args], {
      maxBuffer: 1 << 28,
      env: { ...process.env, GUEST_APPEND: parameters },
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`the guest failed\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`, { cause: error });
  }
}

function readReports(file: string): Record<string, unknown> {
  const results: Record<string, unknown> = {};
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const { name, value } = JSON.parse(line) as { name: string; value: unknown };
    results[name] = value;
  }
  return results;
}

/** Packages that a dependency brings for this machine alone. */
const nativeParts = ['@koromix/koffi-linux-x64'];

/** What a user would have installed: files and folders below the package's. The command line is the bundled one. */
function installedFiles(): readonly string[] {
  const described = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies?: object };
  if (!existsSync(join(root, 'dist'))) throw new Error('the package is not built: npm run build');
  const packages = [...Object.keys(described.dependencies ?? {}), ...nativeParts];
  return ['package.json', 'dist', ...packages.map(name => `node_modules/${name}`)];
}
