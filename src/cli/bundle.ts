import {
  type BundleSummary,
  builtInKernels,
  type CreatedBundle,
  createBundle,
  locateBundle,
  type MissingSummary,
  missingFromBundle,
  type PartSummary,
  summarizeBundle,
} from '../host/index.js';
import { dialectFeatures } from '../kernel/index.js';
import { CommandError } from './error.js';
import { ExitCode } from './exit-code.js';
import { CLI_JSON_VERSION } from './judgement-json.js';
import { Output } from './output.js';
import { note, type Paint, paintFor, printable } from './paint.js';
import { streamOf } from './standard-streams.js';

export interface BundleCreateOptions {
  /** `all`, `none`, or names separated by commas. */
  readonly modules: string;
  readonly json?: boolean;
}

export interface BundleShowOptions {
  readonly json?: boolean;
}

/** `btfprobe bundle create`: writes a bundle of the kernel that runs here, and says what it could not have. */
export async function createBundleHere(
  out: string,
  { modules, json }: BundleCreateOptions,
): Promise<ExitCode> {
  const created = createBundle(out, { modules: wantedModules(modules) });
  const missing = missingFromBundle(out, { cache: false });
  const output = new Output(streamOf(1));
  const paint = paintFor(streamOf(1));
  await output.write(json ? createdJson(out, created, missing) : createdText(out, created, missing, paint));
  await output.finish();
  if (process.geteuid?.() !== 0 && missing.length > 0)
    note('root can read more: sudo btfprobe bundle create ...');
  return ExitCode.ok;
}

/** `btfprobe bundle show`: what a bundle holds, and what its gaps mean for answers. */
export async function showBundle(path: string, { json }: BundleShowOptions): Promise<ExitCode> {
  const isBuiltIn = path === 'default' || builtInKernels().includes(path);
  const summary = summarizeBundle(isBuiltIn ? locateBundle(path) : path, { cache: false });
  const output = new Output(streamOf(1));
  await output.write(json ? summaryJson(summary) : summaryText(summary, paintFor(streamOf(1))));
  await output.finish();
  return ExitCode.ok;
}

function wantedModules(text: string): 'all' | readonly string[] {
  if (text === 'all') return 'all';
  if (text === 'none') return [];
  // The kernel's names of modules have no hyphens, the names of their files may.
  const names = text.split(',').map(name => name.trim().replaceAll('-', '_'));
  if (names.every(name => /^\w+$/.test(name))) return names;
  throw new CommandError('usage', `${JSON.stringify(text)} is no list of modules`, [
    'give all, none, or names separated by commas: --modules xfs,nf_conntrack',
  ]);
}

function createdText(
  out: string,
  { release, parts }: CreatedBundle,
  missing: readonly MissingSummary[],
  paint: Paint,
): string {
  const bytes = parts.reduce((sum, { size }) => sum + size, 0);
  const head = `${paint.good('written')} ${printable(out)}: ${printable(release)}, ${parts.length} parts, ${mebibytes(bytes)} before compression\n`;
  return head + missingText(missing, paint);
}

function createdJson(out: string, created: CreatedBundle, missing: readonly MissingSummary[]): string {
  const { release, parts } = created;
  return `${JSON.stringify({ v: CLI_JSON_VERSION, bundle: out, release, parts, missing: missing.map(missingJson) })}\n`;
}

function summaryText(summary: BundleSummary, paint: Paint): string {
  const { release, arch, version, dialect, modules, parts, missing, btfSha256 } = summary;
  const understood = dialectFeatures.filter(feature => dialect[feature]);
  const lacking = dialectFeatures.filter(feature => !dialect[feature]);
  const line = (label: string, text: string) => `  ${label.padEnd(12)} ${printable(text)}\n`;
  return [
    `${paint.strong(printable(`${release} ${arch}`))}  ${paint.faint(printable(version))}\n`,
    line('form', summary.fileSize === undefined ? 'a folder' : `one file of ${mebibytes(summary.fileSize)}`),
    line('processors', String(summary.possibleCpus)),
    line('types', btfSha256 === undefined ? 'none' : `BTF with SHA-256 ${btfSha256}`),
    line('modules', modules.length === 0 ? 'no types of modules' : modules.join(' ')),
    line('config', summary.configOptions === 0 ? 'not known' : `${summary.configOptions} options`),
    line('judged as', summary.judgedAs),
    line('understands', `${understood.join(' ')} (told by the ${summary.dialectFrom})`),
    ...(lacking.length === 0 ? [] : [line('but not', lacking.join(' '))]),
    ...parts.filter(({ count }) => count !== undefined).map(part => `  ${partText(part)}\n`),
    missingText(missing, paint),
  ].join('');
}

function partText({ count, unit, size, name }: PartSummary): string {
  return `${String(count).padStart(12)} ${unit} (${printable(name)}, ${mebibytes(size)})`;
}

function missingText(missing: readonly MissingSummary[], paint: Paint): string {
  const told = missing.map(({ part, reason, meaning }) => {
    const why = reason === undefined ? '' : `: ${printable(reason)}`;
    return `  ${paint.bad('missing')} ${printable(part)}${why}\n    ${paint.faint(meaning)}\n`;
  });
  return told.length === 0 ? '  nothing is missing\n' : told.join('');
}

function summaryJson(summary: BundleSummary): string {
  const { fileSize, btfSha256, parts, missing, ...rest } = summary;
  const json = {
    v: CLI_JSON_VERSION,
    ...rest,
    fileSize: fileSize ?? null,
    btfSha256: btfSha256 ?? null,
    parts: parts.map(({ name, size, count, unit }) => ({
      name,
      size,
      ...(count !== undefined && { count, unit }),
    })),
    missing: missing.map(missingJson),
  };
  return `${JSON.stringify(json)}\n`;
}

function missingJson({ part, reason, meaning }: MissingSummary): object {
  return { part, reason: reason ?? null, meaning };
}

function mebibytes(bytes: number): string {
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
