import type { Kernel } from '../kernel/index.js';
import { fromByteString } from '../language/index.js';
import type { Candidate, Operation, TracePlan } from '../plan/index.js';
import { CLI_JSON_VERSION } from './judgement-json.js';
import { targetText } from './plan-words.js';

/** A plan for programs: docs/plan.md. */
export function planJson({ targets, choice }: TracePlan, { name, release }: Kernel): string {
  const json = {
    v: CLI_JSON_VERSION,
    kernel: { name, release },
    targets: targets.map(({ target, candidates }) => ({
      target: targetText(target),
      candidates: candidates.map(candidateJson),
    })),
    choice: {
      way: choice.way ?? null,
      rejected: choice.rejected.map(({ target, candidate }) => ({
        way: candidate.way,
        target: targetText(target),
        reason: fromByteString(candidate.obstacles[0]?.message ?? ''),
      })),
    },
  };
  return `${JSON.stringify(json)}\n`;
}

function candidateJson({ way, obstacles, operations, record, cost, notes }: Candidate): object {
  return {
    way,
    open: obstacles.length === 0,
    obstacles: obstacles.map(({ message, check, advice }) => ({
      message: fromByteString(message),
      check: check ?? null,
      advice: advice.map(fromByteString),
    })),
    operations: operations.map(operationJson),
    record: record ?? null,
    cost: cost ?? null,
    notes: notes.map(fromByteString),
  };
}

function operationJson(operation: Operation): object {
  if (operation.kind === 'define') return { ...operation, line: fromByteString(operation.line) };
  if (operation.kind === 'filter') return { ...operation, filter: fromByteString(operation.filter) };
  return operation;
}
