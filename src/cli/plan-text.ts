import type { Kernel } from '../kernel/index.js';
import { fromByteString } from '../language/index.js';
import type { Candidate, TargetPlan, TracePlan } from '../plan/index.js';
import { type Paint, printable } from './paint.js';
import { costWords, operationText, targetText, wayNames } from './plan-words.js';

/** A plan for people. */
export function planText({ targets, choice }: TracePlan, { name, release }: Kernel, paint: Paint): string {
  const whole =
    choice.way === undefined
      ? `${paint.bad('trace would refuse')}: no way is open to ${targets.length > 1 ? 'all of these' : 'this'}\n`
      : `${paint.good('trace would use')} ${wayNames[choice.way]}\n`;
  const where = name === 'live' ? release : `${name}, ${release}, as root`;
  return [`on ${printable(where)}\n\n`, ...targets.map(target => targetPlanText(target, paint)), whole].join(
    '',
  );
}

function targetPlanText({ target, candidates }: TargetPlan, paint: Paint): string {
  const head = `${paint.strong(printable(targetText(target)))}\n`;
  return `${head}${candidates.map(candidate => candidateText(candidate, paint)).join('')}\n`;
}

function candidateText(candidate: Candidate, paint: Paint): string {
  const { way, obstacles, operations, record, cost, notes } = candidate;
  const open = obstacles.length === 0;
  const lines = [
    ...obstacles.flatMap(({ message, advice }) => [
      `${paint.bad('not possible')}: ${message}`,
      ...advice.map(text => `${paint.faint('do:')} ${text}`),
    ]),
    ...operations.map(operationText),
    ...(record === undefined
      ? []
      : [`${record.bytes} bytes a record${record.texts ? ', and the texts of its strings' : ''}`]),
    ...(cost === undefined ? [] : [costWords[cost]]),
    ...notes.map(fromByteString),
  ];
  const mark = open ? paint.good('+') : paint.bad('-');
  return [`  ${mark} ${wayNames[way]}\n`, ...lines.map(line => `      ${visible(line)}\n`)].join('');
}

/** Colours stay, other control characters of definitions do not reach the terminal. */
function visible(line: string): string {
  return line.replace(/[\x00-\x1a\x1c-\x1f\x7f-\x9f]/g, printable);
}
