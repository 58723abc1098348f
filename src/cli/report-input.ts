import { statSync } from 'node:fs';
import {
  captureRecording,
  joinSymbols,
  type Recording,
  TraceDat,
  traceDatCompression,
  withTypes,
} from '../formats/index.js';
import {
  builtInKernels,
  FileSource,
  KeptEnumerators,
  loadDecompressors,
  openKernel,
  readCaptureFiles,
} from '../host/index.js';
import { createSymbolTable, type OpenedKernel } from '../kernel/index.js';
import { Capture, type SymbolNames, traceHeader } from '../records/index.js';
import { CommandError } from './error.js';
import { type KernelConstants, kernelConstants, runningConstants } from './kernel-constants.js';
import { openNamedKernel } from './kernel-option.js';
import { note } from './paint.js';
import { fromPipe, noRecording, refusalOf } from './report-refusal.js';

/** A recording opened for a report. Dispose when done. */
export interface ReportInput extends Disposable {
  readonly recording: Recording;
  /** Values of names in print formats of the traced kernel's static events. */
  readonly constants: KernelConstants;
  /** `uname -r` of the traced machine, '' when not known. */
  readonly release: string;
  /** What the kernel's text begins with, when it can be told. */
  readonly header: string;
  /** The buffer of the recording that was opened; `undefined` where there is no choice. */
  readonly buffer?: string;
  /** The kernel's text, where the file holds that and no records. */
  readonly text?: Uint8Array;
}

/** What to open in a recording. */
export interface InputOptions {
  /** Name of an instance's buffer; default: the top level one, or the first with records. */
  readonly buffer?: string;
  /** A kernel that has symbols that the recording lacks. */
  readonly kernel?: string;
  /** Whether the types of fields are wanted. */
  readonly types?: boolean;
  /** Values of names in print formats that the user knows. */
  readonly constants?: ReadonlyMap<string, bigint>;
}

/** Opens what the user names: a capture folder or a trace.dat. Throws a `CommandError`, or the error of what cannot be read. */
export async function openRecording(path: string, options: InputOptions): Promise<ReportInput> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw noRecording(path);
  if (stats.isFIFO() || stats.isSocket()) throw fromPipe(path);
  const kernel = new ReportKernel(options.kernel);
  try {
    const input = stats.isDirectory()
      ? openCapture(path, options, kernel)
      : await openTraceDat(path, options, kernel);
    const constants: KernelConstants = name => options.constants?.get(name) ?? input.constants(name);
    if (options.types !== true) return { ...input, constants };
    const events = withTypes(input.recording.events, kernel.describing(input.release));
    return { ...input, constants, recording: { ...input.recording, events } };
  } catch (error) {
    kernel[Symbol.dispose]();
    throw refusalOf(error, path);
  }
}

async function openTraceDat(
  path: string,
  { buffer }: InputOptions,
  kernel: ReportKernel,
): Promise<ReportInput> {
  const source = new FileSource(path);
  const close = (): void => {
    source[Symbol.dispose]();
    kernel[Symbol.dispose]();
  };
  try {
    const file = new TraceDat(source, await loadDecompressors(traceDatCompression(source)));
    const { release } = file;
    const constants = (name: string) => kernel.constant(name, release);
    const [text] = file.contents.texts;
    if (text !== undefined && file.buffers.length === 0) {
      return {
        ...{ recording: noRecords, constants, release, header: '', text: text.bytes() },
        [Symbol.dispose]: close,
      };
    }
    const name = chooseBuffer(file, buffer);
    const recording = file.recording(name);
    const symbols = joinSymbols([...kernel.symbols, file.symbols]);
    const opened = { recording: { ...recording, symbols }, constants, release, header: '', buffer: name };
    return { ...opened, [Symbol.dispose]: close };
  } catch (error) {
    source[Symbol.dispose]();
    throw error;
  }
}

function chooseBuffer({ buffers }: TraceDat, wanted: string | undefined): string {
  const [first = ''] = buffers;
  const name = wanted ?? first;
  const others = buffers.filter(other => other !== name).map(other => JSON.stringify(other));
  if (others.length === buffers.length) {
    const hint = `its buffers: ${others.join(', ')}; "" is the top level one`;
    throw new CommandError('usage', `the recording has no buffer ${JSON.stringify(name)}`, [hint]);
  }
  if (wanted === undefined && others.length > 0) {
    note(
      `these are the records of the buffer ${JSON.stringify(name)}; others with --buffer: ${others.join(', ')}`,
    );
  }
  return name;
}

const noRecords: Recording = {
  events: [],
  littleEndian: true,
  clock: 'ns',
  clockName: undefined,
  lazyResched: false,
  symbols: { resolve: () => undefined },
  stringAt: () => undefined,
  read: () => ({
    unknownRecords: 0,
    damagedPages: 0,
    damages: [],
    visit: () => false,
    [Symbol.iterator]: () => [].values(),
  }),
};

function openCapture(path: string, { buffer }: InputOptions, kernel: ReportKernel): ReportInput {
  if (buffer !== undefined) throw new CommandError('usage', 'a capture folder has one buffer');
  const files = readCaptureFiles(path);
  const capture = new Capture(files);
  const kept = ['kallsyms', 'kallsyms-more'].flatMap(name => files.get(name) ?? []);
  const own = kept.length === 0 ? [] : [createSymbolTable(undefined, kept)];
  // A whole list is that of the boot which was traced: in another boot of the same kernel symbols lie elsewhere.
  const named = files.has('kallsyms') ? [] : kernel.symbols;
  const { entries, overrun, cpus } = capture;
  const hasStats = files.has(`stats.cpu${cpus[0]}`);
  return {
    constants: name => capture.constants.get(name) ?? kernel.constant(name, ''),
    release: '',
    recording: captureRecording(capture, joinSymbols([...named, ...own])),
    header: hasStats ? traceHeader(entries, entries + overrun, cpus.length) : '',
    [Symbol.dispose]: () => kernel[Symbol.dispose](),
  };
}

/**
 * What is asked of the kernel that `--kernel` names. Symbols are of that kernel only: another's would be wrong. For types
 * the built-in kernel serves too where it is the one that the recording is of, and for enumerators, which do not change
 * within a version, where it is of the same version.
 */
class ReportKernel implements Disposable {
  /** The kernel that was named. */
  readonly kernel: OpenedKernel | undefined;
  #builtIn: OpenedKernel | undefined;
  #constants: KernelConstants | undefined;
  #kept: KeptEnumerators | undefined;

  constructor(name: string | undefined) {
    this.kernel = name === undefined ? undefined : openNamedKernel(name);
  }

  get symbols(): readonly SymbolNames[] {
    return this.kernel === undefined ? [] : [this.kernel.symbols];
  }

  /** Of a name in a print format; `release` is the recording's, '' when not known. */
  constant(name: string, release: string): bigint | undefined {
    this.#constants ??= this.#constantsOf(release);
    return this.#constants(name);
  }

  #constantsOf(release: string): KernelConstants {
    const { kernel } = this;
    if (kernel !== undefined)
      return kernel.name === 'live' ? runningConstants(kernel) : kernelConstants(kernel);
    const builtIn = builtInOf(release);
    if (builtIn === undefined) return () => undefined;
    const kept = new KeptEnumerators(builtIn);
    this.#kept = kept;
    let all: KernelConstants | undefined;
    const ask: KernelConstants = name => {
      all ??= kernelConstants(this.#open(builtIn));
      return all(name);
    };
    // The built-in kernel is another build than the one that was traced: its enumerators are the same, its HZ may not be.
    return name => (name === 'HZ' ? undefined : kept.of(name, ask));
  }

  /** The kernel whose types are those of a recording. */
  describing(release: string): OpenedKernel | undefined {
    if (this.kernel !== undefined) return this.kernel;
    const name = builtInOf(release);
    const builtIn = name === undefined ? undefined : this.#open(name);
    return builtIn?.release === release ? builtIn : undefined;
  }

  #open(name: string): OpenedKernel {
    this.#builtIn ??= openKernel(name);
    return this.#builtIn;
  }

  [Symbol.dispose](): void {
    this.kernel?.[Symbol.dispose]();
    this.#builtIn?.[Symbol.dispose]();
    this.#kept?.[Symbol.dispose]();
  }
}

/** The name of the built-in kernel of a release's version. */
function builtInOf(release: string): string | undefined {
  const [version] = /^\d+\.\d+(?!\d)/.exec(release) ?? [];
  if (version === undefined) return undefined;
  return builtInKernels().find(known => known === version || known.startsWith(`${version}-`));
}
