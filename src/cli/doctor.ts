import {
  type Check,
  type CheckState,
  type Examination,
  examineHost,
  subjectOf,
  type Way,
  waysOf,
} from '../host/index.js';
import { ExitCode } from './exit-code.js';
import { CLI_JSON_VERSION } from './judgement-json.js';
import { Output } from './output.js';
import { type Paint, paintFor, printable } from './paint.js';
import { streamOf } from './standard-streams.js';

export interface DoctorOptions {
  readonly json?: boolean;
}

/** `btfprobe doctor`: what this machine can trace for this user. */
export async function doctor({ json }: DoctorOptions): Promise<ExitCode> {
  const examination = examineHost();
  const ways = waysOf(examination.checks);
  const output = new Output(streamOf(1));
  const paint = paintFor(streamOf(1));
  await output.write(json ? doctorJson(examination, ways) : doctorText(examination, ways, paint));
  await output.finish();
  return ways.some(({ open }) => open) ? ExitCode.ok : ExitCode.misuse;
}

function doctorText(
  { release, arch, user, checks }: Examination,
  ways: readonly Way[],
  paint: Paint,
): string {
  const width = Math.max(...checks.map(({ title }) => title.length));
  const lines = [`Linux ${release}, ${arch}, as ${user}\n`];
  let subject = '';
  for (const check of checks) {
    if (subjectOf(check.id) !== subject) lines.push('\n');
    subject = subjectOf(check.id);
    lines.push(checkText(check, width, paint));
  }
  lines.push('\n', ...ways.map(way => wayText(way, paint)));
  return lines.join('');
}

const words: Readonly<Record<CheckState, string>> = {
  ok: 'ok',
  missing: 'missing',
  denied: 'denied',
  unknown: '?',
};

function checkText({ title, state, evidence, advice }: Check, width: number, paint: Paint): string {
  const colour = state === 'ok' ? paint.good : state === 'unknown' ? paint.faint : paint.bad;
  const head = `${colour(words[state].padEnd(7))}  ${title.padEnd(width)}  ${printable(evidence)}\n`;
  return `${head}${advice.map(text => `${' '.repeat(9)}${paint.faint('do:')} ${printable(text)}\n`).join('')}`;
}

function wayText({ title, open, lacks }: Way, paint: Paint): string {
  if (open) return `${paint.good('open')}    ${title}\n`;
  return `${paint.bad('closed')}  ${title}: ${lacks.map(lack => `${lack.title}: ${lack.state}`).join('; ')}\n`;
}

function doctorJson({ release, arch, user, checks }: Examination, ways: readonly Way[]): string {
  const json = {
    v: CLI_JSON_VERSION,
    release,
    arch,
    user,
    checks,
    ways: ways.map(({ id, title, open, lacks }) => ({ id, title, open, lacks: lacks.map(lack => lack.id) })),
  };
  return `${JSON.stringify(json)}\n`;
}
