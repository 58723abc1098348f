import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Recorded } from '../test/conformance/recorded.js';
import { type Case, decodeAnswers, encodeCases } from './wire.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Addresses are those of the bundle, and the kernel shows them. */
const bootParameters = 'nokaslr no_hash_pointers';

/** Which kernel to boot. */
export interface GuestKernel {
  /** A name that `guest kernels` lists. */
  readonly name: string;
  readonly modules: readonly string[];
}

/** Limits of one boot. */
export interface BootLimits {
  /** Cases at most. */
  readonly cases: number;
  /** Seconds for asking; the boot comes on top. */
  readonly seconds: number;
}

export class GuestError extends Error {
  override readonly name = 'GuestError';
}

/** A real kernel that answers questions, booted anew for each portion. */
export class Guest implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'differential-'));
  #agent: Promise<void> | undefined;
  /** SHA-256 of the kernel's own BTF, known after the first boot. */
  btfSha256: string | undefined;

  constructor(
    readonly kernel: GuestKernel,
    readonly limits: BootLimits = { cases: 3000, seconds: 400 },
  ) {}

  /**
   * Answers in the order of the cases. A portion on which the guest dies is asked again in smaller ones; a case that
   * stops it alone has `undefined`.
   */
  async ask(cases: readonly Case[]): Promise<(Recorded | undefined)[]> {
    const answers: (Recorded | undefined)[] = [];
    let size = this.limits.cases;
    while (answers.length < cases.length) {
      const portion = cases.slice(answers.length, answers.length + size);
      const got = await this.#boot(portion);
      answers.push(...got);
      if (got.length > 0) size = this.limits.cases;
      else if (portion.length > 1) size = Math.max(1, portion.length >> 3);
      else {
        answers.push(undefined);
        size = this.limits.cases;
      }
    }
    return answers;
  }

  /** One boot: answers to the first cases, none when the guest died. */
  async #boot(cases: readonly Case[]): Promise<Recorded[]> {
    this.#agent ??= compileAgent(join(this.#folder, 'agent'));
    await this.#agent;
    const [jobs, results] = [join(this.#folder, 'jobs'), join(this.#folder, 'results')];
    writeFileSync(jobs, encodeCases(cases));
    rmSync(results, { force: true });
    const seconds = this.limits.seconds;
    const said = await runGuest(
      this.kernel,
      [
        ...['-f', `${jobs}:/data/jobs`, '-f', `${join(this.#folder, 'agent')}:/data/agent`],
        ...['-o', `/tmp/results:${results}`, '-t', String(seconds + 200)],
      ],
      `echo "@btf $(sha256sum /sys/kernel/btf/vmlinux | cut -c1-64)"; /data/agent /data/jobs /tmp/results ${seconds}`,
    );
    this.btfSha256 ??= /^@btf ([\da-f]{64})$/m.exec(said)?.[1];
    return existsSync(results) ? decodeAnswers(readFileSync(results), cases) : [];
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Compiles the part that runs in the guest; it links no shared library. */
async function compileAgent(output: string): Promise<void> {
  await promisify(execFile)('cc', ['-O2', '-static', '-o', output, join(root, 'differential/agent.c')]);
}

/** Boots, runs a shell line, gives back what it printed; '' when the guest gave no answer. */
async function runGuest(kernel: GuestKernel, options: readonly string[], command: string): Promise<string> {
  const modules = kernel.modules.flatMap(name => ['-m', name]);
  const script = join(root, 'test/kernel-guest/guest');
  const args = ['-n', '10', 'bash', script, 'run', '-k', kernel.name, ...modules, ...options, '--', command];
  const environment = { ...process.env, GUEST_APPEND: bootParameters };
  const child = spawn('nice', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, complaint] = ['', ''];
  child.stdout.setEncoding('latin1').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('latin1').on('data', (text: string) => (complaint += text));
  const status = await new Promise<number | null>((settle, fail) =>
    child.on('error', fail).on('close', settle),
  );
  if (status === 2) throw new GuestError(`the guest does not start: ${complaint.trim()}`);
  if (status !== 0) process.stderr.write(`differential: the guest stopped: ${lastLines(complaint)}\n`);
  return status === 0 ? said : '';
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-12).join('\n  ');
}

/** Writes the facts of the booted kernel as a bundle (docs/bundles.md) and names its folder. */
export async function writeFactsOfGuest(kernel: GuestKernel, model: object, folder: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'differential-facts-'));
  try {
    const tracefs = '/sys/kernel/tracing';
    const copies = [
      ...['available_filter_functions', 'available_filter_functions_addrs', 'available_events'].map(name => [
        `${tracefs}/${name}`,
        name,
      ]),
      ['/proc/kallsyms', 'kallsyms'],
      ['/sys/kernel/debug/kprobes/blacklist', 'kprobes-blacklist'],
    ].map(([from, to]) => `[ -e ${from} ] && gzip -c ${from} > ${to}.gz`);
    const command = [
      'mkdir -p /tmp/facts/modules; cd /tmp/facts',
      ...copies,
      'for m in /sys/kernel/btf/*; do n=$(basename $m); d=modules/$n; [ $n = vmlinux ] && d=vmlinux; gzip -c $m > $d.btf.gz; done',
      `for f in ${tracefs}/events/*/*/format; do e=\${f%/format}; echo "@@ \${e#${tracefs}/events/}"; cat $f; done | grep -v '^print fmt:' | gzip -c > event-formats.gz`,
      `sed -n 's/^.* __tracepoint_\\([A-Za-z0-9_]*\\)\\(.*\\)$/\\1\\2/p' /proc/kallsyms | tr '\\t' ' ' | sort -u | gzip -c > tracepoints.gz`,
      'rmdir modules 2>/dev/null; tar -cf /tmp/facts.tar .; uname -r; sha256sum /sys/kernel/btf/vmlinux',
    ].join('; ');
    const said = await runGuest(
      kernel,
      ['-o', `/tmp/facts.tar:${join(work, 'facts.tar')}`, '-t', '300'],
      command,
    );
    const [release, sum] = said.trim().split('\n').slice(-2);
    if (release === undefined || sum === undefined) throw new GuestError('the guest gave no facts');
    const target = resolve(folder);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    await promisify(execFile)('tar', ['-xf', join(work, 'facts.tar'), '-C', target]);
    const facts = { ...model, kernel: release, btfSha256: sum.slice(0, 64) };
    writeFileSync(join(target, 'facts.json'), `${JSON.stringify(facts, null, 1)}\n`);
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
