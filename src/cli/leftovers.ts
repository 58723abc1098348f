import { type CleanResult, cleanLeftovers, findLeftovers, type Leftover } from '../backends/tracefs/index.js';
import { ExitCode } from './exit-code.js';
import { CLI_JSON_VERSION } from './judgement-json.js';
import { Output } from './output.js';
import { streamOf } from './standard-streams.js';
import { usableTracefs } from './trace-backend.js';

export interface ListOptions {
  readonly json?: boolean;
}

export interface CleanOptions extends ListOptions {
  readonly dryRun?: boolean;
}

/** `btfprobe list`: what runs that are dead left in the kernel. */
export async function list({ json }: ListOptions): Promise<ExitCode> {
  const leftovers = findLeftovers(usableTracefs());
  const output = new Output(streamOf(1));
  for (const leftover of leftovers) {
    await output.write(json ? jsonLine(leftoverJson(leftover)) : leftoverText(leftover, ''));
  }
  if (leftovers.length === 0 && !json) await output.write('nothing is left behind\n');
  await output.finish();
  return ExitCode.ok;
}

/** `btfprobe clean`: removes it. */
export async function clean({ json, dryRun }: CleanOptions): Promise<ExitCode> {
  const tracefs = usableTracefs();
  const leftovers = findLeftovers(tracefs);
  const output = new Output(streamOf(1));
  const results: readonly CleanResult[] = dryRun
    ? leftovers.map(leftover => ({ leftover, removed: false, reason: undefined }))
    : cleanLeftovers(tracefs, leftovers);
  for (const result of results) {
    await output.write(json ? jsonLine(resultJson(result)) : resultText(result, dryRun ?? false));
  }
  if (results.length === 0 && !json) await output.write('nothing is left behind\n');
  await output.finish();
  return results.every(({ reason }) => reason === undefined) ? ExitCode.ok : ExitCode.refused;
}

function resultText({ leftover, removed, reason }: CleanResult, dryRun: boolean): string {
  if (removed) return leftoverText(leftover, 'removed: ');
  return leftoverText(leftover, dryRun ? 'would be removed: ' : `not removed (${reason}): `);
}

function leftoverText({ run, instance, helpers, events }: Leftover, verb: string): string {
  const things = [
    ...(instance === undefined ? [] : [`  instance ${instance}\n`]),
    ...helpers.map(name => `  instance ${name}\n`),
    ...events.map(({ group, name }) => `  event ${group}/${name}\n`),
  ];
  return `${verb}of process ${run.pid}, which is gone\n${things.join('')}`;
}

function leftoverJson({ run, instance, helpers, events }: Leftover): object {
  return {
    v: CLI_JSON_VERSION,
    pid: run.pid,
    instance: instance ?? null,
    helpers,
    events: events.map(({ group, name }) => ({ group, name })),
  };
}

function resultJson({ leftover, removed, reason }: CleanResult): object {
  return { ...leftoverJson(leftover), removed, reason: reason ?? null };
}

function jsonLine(json: object): string {
  return `${JSON.stringify(json)}\n`;
}
