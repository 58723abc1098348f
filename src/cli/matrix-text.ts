import { CLI_JSON_VERSION, type Outward, outwardFor } from './judgement-json.js';
import { hintLine, shown } from './judgement-text.js';
import type { KernelVerdicts } from './matrix-kernels.js';
import type { MatrixCell, MatrixRow } from './matrix-rows.js';
import { type Paint, printable } from './paint.js';

const signs = { accepted: '+', differs: '~', refused: 'x', 'not-judged': '?' } as const;

/** The matrix: a column for each kernel, a row for each definition. */
export function gridText(
  rows: readonly MatrixRow[],
  columns: readonly KernelVerdicts[],
  paint: Paint,
): string {
  const width = String(columns.length).length + 1;
  const nameWidth = Math.max(...columns.map(({ name }) => printable(name).length));
  const legend = columns.map(
    ({ name, release }, index) =>
      `${String(index + 1).padStart(width)}  ${printable(name).padEnd(nameWidth)}  ${paint.faint(printable(release))}\n`,
  );
  const numbers = columns.map((_, index) => String(index + 1).padStart(width)).join('');
  const lines = rows.map(({ definition, cells }) => {
    const marks = cells.map(({ verdict }) => painted(verdict, ' '.repeat(width - 1) + signs[verdict], paint));
    return `${marks.join('')}  ${shown(definition.text)}\n`;
  });
  return [
    ...legend,
    `\n${numbers}\n`,
    ...lines,
    paint.faint('+ accepted   ~ accepted, other than on the first   x refused   ? not judged\n'),
  ].join('');
}

/** What there is to say of a definition that is not accepted everywhere alike; nothing of others. */
export function rowText({ definition, reference, cells }: MatrixRow, paint: Paint): string {
  const groups = new Map<string, string[]>();
  for (const cell of cells) {
    const text = cellText(cell, reference, paint);
    if (text === undefined) continue;
    groups.set(text, [...(groups.get(text) ?? []), printable(cell.kernel)]);
  }
  if (groups.size === 0) return '';
  const place = definition.origin === undefined ? '' : paint.faint(`  ${printable(definition.origin)}`);
  const said = Array.from(groups, ([text, kernels]) => `  ${paint.strong(kernels.join(', '))}: ${text}`);
  return `\n${shown(definition.text)}${place}\n${said.join('')}`;
}

/** One object: a definition with the verdicts of all kernels. */
export function rowJson({ definition: { text, origin }, reference, cells }: MatrixRow): string {
  const { outward, enc } = outwardFor(text);
  const json = {
    v: CLI_JSON_VERSION,
    definition: outward(text),
    ...(enc && { enc }),
    ...(origin !== undefined && { origin }),
    reference: reference ?? null,
    kernels: cells.map(cell => cellJson(cell, outward)),
  };
  return `${JSON.stringify(json)}\n`;
}

function cellText(cell: MatrixCell, reference: string | undefined, paint: Paint): string | undefined {
  switch (cell.verdict) {
    case 'accepted':
      return undefined;
    case 'differs': {
      const lines = cell.differences.map(difference => `    ${shown(difference)}\n`);
      return `${paint.strong('differs')} from ${printable(reference ?? '')}\n${lines.join('')}`;
    }
    case 'refused': {
      const hints = cell.hints.map(hint => `  ${hintLine(hint, paint)}`).join('');
      return `${paint.bad('refused')} with ${cell.errno}: ${printable(cell.message)}\n${hints}`;
    }
    case 'not-judged':
      return `not judged: ${cell.reason}\n`;
    default:
      return cell satisfies never;
  }
}

function cellJson(cell: MatrixCell, outward: Outward): object {
  const { kernel, release, verdict } = cell;
  const head = { kernel, release, verdict };
  switch (cell.verdict) {
    case 'accepted':
    case 'differs': {
      const { event } = cell;
      const told =
        event === null
          ? null
          : {
              kind: event.kind,
              return: event.return,
              listing: outward(event.listing),
              arguments: event.args.map(({ name, type, offset, size, program }) => ({
                name: outward(name),
                type,
                offset,
                size,
                program: program.map(outward),
              })),
            };
      return {
        ...head,
        event: told,
        ...(cell.verdict === 'differs' && { differences: cell.differences.map(outward) }),
      };
    }
    case 'refused': {
      const { errno, code, message, hints } = cell;
      return { ...head, errno, code, message, hints: hints.map(outward) };
    }
    case 'not-judged':
      return { ...head, reason: cell.reason };
    default:
      return cell satisfies never;
  }
}

function painted(verdict: MatrixCell['verdict'], text: string, paint: Paint): string {
  if (verdict === 'refused') return paint.bad(text);
  return verdict === 'accepted' ? paint.good(text) : paint.strong(text);
}
