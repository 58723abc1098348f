import { statSync } from 'node:fs';
import { captureRecording, joinSymbols, type Recording } from '../formats/index.js';
import { readCaptureFiles } from '../host/index.js';
import { createSymbolTable } from '../kernel/index.js';
import { Capture, type SymbolNames, traceHeader } from '../records/index.js';
import { CommandError } from './error.js';
import { openNamedKernel } from './kernel-option.js';

/** A recording opened for a report. Dispose when done. */
export interface ReportInput extends Disposable {
  readonly recording: Recording;
  /** What the kernel's text begins with, when it can be told. */
  readonly header: string;
}

/** Opens what the user names: a capture folder. `kernelName` has symbols that the recording lacks. Throws a `CommandError`. */
export function openRecording(path: string, kernelName: string | undefined): ReportInput {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new CommandError('input', `there is no ${JSON.stringify(path)}`);
  const resources = new DisposableSymbols(kernelName);
  if (stats.isDirectory()) return openCapture(path, resources);
  resources[Symbol.dispose]();
  throw new CommandError('input', `${path} is no capture folder`);
}

function openCapture(path: string, kernel: DisposableSymbols): ReportInput {
  const files = readCaptureFiles(path);
  const capture = new Capture(files);
  const kept = ['kallsyms', 'kallsyms-more'].flatMap(name => files.get(name) ?? []);
  const own = kept.length === 0 ? [] : [createSymbolTable(undefined, kept)];
  const { entries, overrun, cpus } = capture;
  const hasStats = files.has(`stats.cpu${cpus[0]}`);
  return {
    recording: captureRecording(capture, joinSymbols([...kernel.symbols, ...own])),
    header: hasStats ? traceHeader(entries, entries + overrun, cpus.length) : '',
    [Symbol.dispose]: () => kernel[Symbol.dispose](),
  };
}

/** The symbols of the kernel that `--kernel` names; none when it names none: another kernel's would be wrong. */
class DisposableSymbols implements Disposable {
  readonly symbols: readonly SymbolNames[];
  readonly #close: () => void;

  constructor(kernelName: string | undefined) {
    const kernel = kernelName === undefined ? undefined : openNamedKernel(kernelName);
    this.symbols = kernel === undefined ? [] : [kernel.symbols];
    this.#close = () => kernel?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
