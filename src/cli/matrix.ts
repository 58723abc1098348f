import { type GivenDefinition, givenDefinitions } from './definitions.js';
import { ExitCode } from './exit-code.js';
import { type KernelVerdicts, MatrixJudge, matrixKernels } from './matrix-kernels.js';
import { compareKernels, type MatrixRow } from './matrix-rows.js';
import { gridText, rowJson, rowText } from './matrix-text.js';
import { Output } from './output.js';
import { note, paintFor } from './paint.js';
import { streamOf } from './standard-streams.js';

export interface MatrixOptions {
  readonly file: readonly string[];
  readonly kernel: readonly string[];
  /** Folders of bundles. */
  readonly kernels: readonly string[];
  readonly dialect?: string;
  readonly alone?: boolean;
  readonly json?: boolean;
}

/** `btfprobe check` with several kernels: says of each definition what each of them would. */
export async function matrix(given: readonly string[], options: MatrixOptions): Promise<ExitCode> {
  const kernels = matrixKernels(options.kernel, options.kernels, options.dialect);
  const definitions: GivenDefinition[] = [];
  for await (const definition of givenDefinitions(given, options.file)) definitions.push(definition);
  const judge = new MatrixJudge(
    definitions.map(({ text }) => text),
    { alone: options.alone ?? false, kernels: kernels.length },
  );
  const columns = kernels.map(kernel => judge.ask(kernel));
  sayGaps(columns);
  const rows = compareKernels(definitions, columns);
  await print(rows, columns, options.json ?? false);
  return rows.every(isAccepted) ? ExitCode.ok : ExitCode.refused;
}

async function print(
  rows: readonly MatrixRow[],
  columns: readonly KernelVerdicts[],
  json: boolean,
): Promise<void> {
  const output = new Output(streamOf(1));
  const paint = paintFor(streamOf(1));
  if (!json) await output.write(gridText(rows, columns, paint));
  for (const row of rows) {
    await output.write(json ? rowJson(row) : rowText(row, paint));
    if (output.closed) break;
  }
  await output.finish();
}

function isAccepted({ cells }: MatrixRow): boolean {
  return cells.every(({ verdict }) => verdict === 'accepted' || verdict === 'differs');
}

function sayGaps(columns: readonly KernelVerdicts[]) {
  for (const { name, gaps } of columns) for (const gap of gaps) note(`${name}: ${gap}`);
}
