import type { Kernel } from '../kernel/index.js';
import type { Candidate, TargetPlan, TracePlan } from '../plan/index.js';
import { shown } from './judgement-text.js';
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
      `${paint.bad('not possible')}: ${shown(message)}`,
      ...advice.map(text => `${paint.faint('do:')} ${shown(text)}`),
    ]),
    ...operations.map(operation => printable(operationText(operation))),
    ...(record === undefined
      ? []
      : [`${record.bytes} bytes a record${record.texts ? ', and the texts of its strings' : ''}`]),
    ...(cost === undefined ? [] : [costWords[cost]]),
    ...notes.map(shown),
  ];
  const mark = open ? paint.good('+') : paint.bad('-');
  return [`  ${mark} ${wayNames[way]}\n`, ...lines.map(line => `      ${line}\n`)].join('');
}
