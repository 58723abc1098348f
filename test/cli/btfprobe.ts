import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { manifest, packageRoot } from '../package/built.js';

/** The built command line's script. */
export const main = fileURLToPath(new URL(manifest.bin.btfprobe!, packageRoot));

/** What a run of the built command line said, and how it ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run that goes on. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `btfprobe ARGS` without colours; standard input stays open. */
export function start(...args: readonly string[]): Running {
  return startIn({}, args);
}

function startIn(environment: NodeJS.ProcessEnv, args: readonly string[]): Running {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...environment };
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  // A run may end without reading what it is given.
  child.stdin.on('error', () => {});
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  const ended = new Promise<Ended>(resolve => {
    child.on('close', status => resolve({ status, stdout, stderr }));
  });
  return { child, ended };
}

/** Runs `btfprobe ARGS` to its end with nothing on standard input. */
export function run(...args: readonly string[]): Promise<Ended> {
  return runWith('', ...args);
}

/** Runs `btfprobe ARGS` to its end with further variables of the environment and nothing on standard input. */
export function runIn(environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ended> {
  const { child, ended } = startIn(environment, args);
  child.stdin!.end();
  return ended;
}

/** Runs `btfprobe ARGS` to its end with a text on standard input. */
export function runWith(input: string | Uint8Array, ...args: readonly string[]): Promise<Ended> {
  const { child, ended } = start(...args);
  child.stdin!.end(input);
  return ended;
}

/** The objects of JSON lines. */
export function jsonLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as unknown);
}
