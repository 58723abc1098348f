import type {
  ExplainedArgument,
  ExplainedChain,
  ExplainedEvent,
  ExplainedOp,
  ExplainedRecord,
  Explanation,
} from './explanation.js';
import { type Paint, printable } from './paint.js';

/** An explanation for people. */
export function explanationText(explanation: Explanation, paint: Paint): string {
  const { kernel, event, function: prototype, entryProgram } = explanation;
  const module = prototype?.module == null ? '' : `   (module ${prototype.module})`;
  const facts: [string, string][] = [
    ['event', `${event.group}/${event.name}: ${placeText(event)}`],
    ['listing', event.listing],
    ...(prototype === null ? [] : [['prototype', `${prototype.declaration}${module}`] as [string, string]]),
    ['kernel', `${kernel.name}, ${kernel.release}`],
  ];
  const blocks = [
    columns(facts.map(([name, fact]) => [paint.faint(name.padEnd(9)), printable(fact)])),
    ...explanation.arguments.map(argument => argumentText(argument, paint)),
  ];
  if (entryProgram.length > 0) {
    blocks.push(`${paint.strong('saved at function entry')}\n${programText(entryProgram)}`);
  }
  blocks.push(recordText(explanation.record, paint));
  return blocks.join('\n');
}

function placeText({ place, kind, return: isReturn }: ExplainedEvent): string {
  const when = isReturn ? 'return of' : 'entry of';
  switch (place.kind) {
    case 'function':
      return `${when} the function ${place.symbol}`;
    case 'tracepoint':
      return `the tracepoint ${place.tracepoint}`;
    case 'kprobe': {
      const offset = place.offset === 0 ? '' : `+${place.offset}`;
      const where = `${place.module == null ? '' : `${place.module}:`}${place.symbol}${offset}`;
      const pending = place.pending === true ? ', once its module is loaded' : '';
      return isReturn || offset === ''
        ? `${when} the function ${where}${pending}`
        : `the instruction at ${where}${pending}`;
    }
    case 'address':
      return `the instruction at ${place.address}`;
    case 'uprobe':
      return `${isReturn ? 'return of the function at' : 'the instruction at'} ${place.offset} of ${place.path}`;
    case 'event':
      return `each record of the event ${place.group}:${place.name}`;
    default:
      return kind;
  }
}

function argumentText(
  { name, fetchType, count, offset, size, btf, program, body }: ExplainedArgument,
  paint: Paint,
): string {
  const array = count === 0 ? '' : `[${count}]`;
  const head = `${paint.strong(printable(name))} = ${printable(body)}\n`;
  const stored = `  stored as ${fetchType}${array}: ${size} ${size === 1 ? 'byte' : 'bytes'} at ${offset} of the record\n`;
  return `${head}${stored}${btf === null ? '' : chainText(btf)}${programText(program)}`;
}

function chainText({ root, declaration, steps, type }: ExplainedChain): string {
  const rows = [
    [`  ${root}`, declaration, ''],
    ...steps.map(({ separator, field, container, declaration: member, offset, bits }) => [
      `  ${separator}${field}`,
      member,
      `+${offset}${bits === undefined ? '' : `, ${bits.width} bits from bit ${bits.from},`} in ${container}`,
    ]),
  ];
  return `${columns(rows)}  C type: ${type}\n`;
}

function programText(program: readonly ExplainedOp[]): string {
  return columns(
    program.map(({ text, meaning }, index) => [
      `  ${String(index).padStart(4)}`,
      printable(text),
      printable(meaning),
    ]),
  );
}

function recordText({ size, fields, printFmt }: ExplainedRecord, paint: Paint): string {
  const rows = fields.map(({ name, type, offset, size: bytes, signed }) => [
    `  ${String(offset).padStart(6)}`,
    String(bytes).padStart(4),
    printable(name),
    `${printable(type)}${signed ? ', signed' : ''}`,
  ]);
  const strings = fields.some(({ type }) => type.startsWith('__data_loc'))
    ? ' and the text of its strings'
    : '';
  const head = `${paint.strong('record')}, ${size} bytes${strings}\n`;
  return `${head}${columns([['  offset', 'size', 'field', 'type'], ...rows])}${paint.strong('print format')}\n  ${printable(printFmt)}\n`;
}

/** Rows with their cells under each other; the last cell of a row is not padded. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  const lines = rows.map(row =>
    row
      .map((cell, index) => cell.padEnd(widths[index]!))
      .join('  ')
      .trimEnd(),
  );
  return lines.map(line => `${line}\n`).join('');
}
