import { statSync } from 'node:fs';
import { captureRecording, joinSymbols, type Recording, TraceDat, withTypes } from '../formats/index.js';
import {
  builtInKernels,
  FileSource,
  loadDecompressors,
  openKernel,
  readCaptureFiles,
} from '../host/index.js';
import { createSymbolTable, type OpenedKernel } from '../kernel/index.js';
import { Capture, type SymbolNames, traceHeader } from '../records/index.js';
import { CommandError } from './error.js';
import { kernelConstants } from './kernel-constants.js';
import { openNamedKernel } from './kernel-option.js';
import { note } from './paint.js';

/** A recording opened for a report. Dispose when done. */
export interface ReportInput extends Disposable {
  readonly recording: Recording;
  /** Values of the traced kernel's enumerators, for static events that name some. */
  readonly constants: (name: string) => bigint | undefined;
  /** `uname -r` of the traced machine, '' when not known. */
  readonly release: string;
  /** What the kernel's text begins with, when it can be told. */
  readonly header: string;
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
}

/** Opens what the user names: a capture folder or a trace.dat. Throws a `CommandError`, or the error of what cannot be read. */
export async function openRecording(path: string, options: InputOptions): Promise<ReportInput> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandError('input', `there is no ${JSON.stringify(path)}`);
  const kernel = new ReportKernel(options.kernel);
  try {
    const input = stats.isDirectory()
      ? openCapture(path, options, kernel)
      : await openTraceDat(path, options, kernel);
    if (options.types !== true) return input;
    const events = withTypes(input.recording.events, kernel.describing(input.release));
    return { ...input, recording: { ...input.recording, events } };
  } catch (error) {
    kernel[Symbol.dispose]();
    throw error;
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
    const file = new TraceDat(source, await loadDecompressors());
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
    return { recording: { ...recording, symbols }, constants, release, header: '', [Symbol.dispose]: close };
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
  read: () => ({ unknownRecords: 0, damagedPages: 0, damages: [], [Symbol.iterator]: () => [].values() }),
};

function openCapture(path: string, { buffer }: InputOptions, kernel: ReportKernel): ReportInput {
  if (buffer !== undefined) throw new CommandError('usage', 'a capture folder has one buffer');
  const files = readCaptureFiles(path);
  const capture = new Capture(files);
  const kept = ['kallsyms', 'kallsyms-more'].flatMap(name => files.get(name) ?? []);
  const own = kept.length === 0 ? [] : [createSymbolTable(undefined, kept)];
  const { entries, overrun, cpus } = capture;
  const hasStats = files.has(`stats.cpu${cpus[0]}`);
  return {
    constants: name => kernel.constant(name, ''),
    release: '',
    recording: captureRecording(capture, joinSymbols([...kernel.symbols, ...own])),
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
  #constants: ((name: string) => bigint | undefined) | undefined;

  constructor(name: string | undefined) {
    this.kernel = name === undefined ? undefined : openNamedKernel(name);
  }

  get symbols(): readonly SymbolNames[] {
    return this.kernel === undefined ? [] : [this.kernel.symbols];
  }

  /** An enumerator, or `HZ`; `release` is the recording's, '' when not known. */
  constant(name: string, release: string): bigint | undefined {
    if (name === 'HZ' && this.kernel === undefined) return undefined;
    const kernel = this.kernel ?? this.#builtInOf(release);
    if (kernel === undefined) return undefined;
    this.#constants ??= kernelConstants(kernel);
    return this.#constants(name);
  }

  /** The kernel whose types are those of a recording. */
  describing(release: string): OpenedKernel | undefined {
    if (this.kernel !== undefined) return this.kernel;
    const builtIn = this.#builtInOf(release);
    return builtIn?.release === release ? builtIn : undefined;
  }

  #builtInOf(release: string): OpenedKernel | undefined {
    const [version] = /^\d+\.\d+(?!\d)/.exec(release) ?? [];
    const name =
      version && builtInKernels().find(known => known === version || known.startsWith(`${version}-`));
    if (name === undefined || name === '') return undefined;
    this.#builtIn ??= openKernel(name);
    return this.#builtIn;
  }

  [Symbol.dispose](): void {
    this.kernel?.[Symbol.dispose]();
    this.#builtIn?.[Symbol.dispose]();
  }
}
