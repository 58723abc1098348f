import type { ArgumentShape, EventShape } from './matrix-verdict.js';

/**
 * In what an event differs from what the same definition becomes on another kernel, for people; empty where records and
 * programs are the same. Texts are byte strings.
 */
export function differencesFrom(reference: EventShape, event: EventShape): readonly string[] {
  if (reference.kind !== event.kind || reference.return !== event.return) {
    return [`is an event of another kind: ${kindText(event)}, not ${kindText(reference)}`];
  }
  const names = (shape: EventShape) => shape.args.map(({ name }) => name).join(' ');
  if (names(reference) !== names(event)) {
    return [`has the arguments ${names(event) || '(none)'}, not ${names(reference) || '(none)'}`];
  }
  const found = event.args.flatMap((arg, index) => argumentDifferences(reference.args[index]!, arg));
  const savesOther = reference.entry.join() !== event.entry.join();
  return found.length === 0 && savesOther ? ['saves other arguments at function entry'] : found;
}

function argumentDifferences(reference: ArgumentShape, arg: ArgumentShape): string[] {
  const found: string[] = [];
  if (reference.type !== arg.type) found.push(`${arg.name} is of type ${arg.type}, not ${reference.type}`);
  const way = wayDifference(reference.program, arg.program);
  // Stores follow the type: that one is said already.
  if (way !== undefined && (way.isOffset || found.length === 0)) found.push(`${arg.name} ${way.text}`);
  if (reference.offset !== arg.offset) {
    found.push(`${arg.name} stands at ${arg.offset} in the record, not ${reference.offset}`);
  } else if (reference.size !== arg.size && reference.type === arg.type) {
    found.push(`${arg.name} takes ${arg.size} bytes of the record, not ${reference.size}`);
  }
  return found;
}

/** How a value is reached: by other offsets, or altogether otherwise. */
function wayDifference(
  reference: readonly string[],
  program: readonly string[],
): { readonly text: string; readonly isOffset: boolean } | undefined {
  if (reference.join() === program.join()) return undefined;
  const moves = (ops: readonly string[]) =>
    ops.flatMap(op => /^(?:U?DEREF|ST_U?MEM|ST_U?STRING|ST_SYMSTR) ([+-]\d+)/.exec(op)?.[1] ?? []);
  const shape = (ops: readonly string[]) => ops.map(op => op.split(' ', 1)[0]).join();
  const [before, now] = [moves(reference).join(' '), moves(program).join(' ')];
  if (shape(reference) === shape(program) && before !== now) {
    return { text: `is read at ${now}, not ${before}`, isOffset: true };
  }
  return { text: `is read by ${program.join('; ')}, not ${reference.join('; ')}`, isOffset: false };
}

function kindText({ kind, return: isReturn }: EventShape): string {
  return isReturn ? `${kind} at return` : kind;
}
