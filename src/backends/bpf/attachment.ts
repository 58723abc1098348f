import { readFileSync } from 'node:fs';
import {
  attachTracing,
  type Descriptor,
  isSysError,
  linkToFunctions,
  openKprobe,
  openModuleBtf,
  runAtPerfEvent,
} from '../../host/sys/index.js';
import type { Kernel } from '../../kernel/index.js';
import { BackendError } from '../error.js';
import type { BpfPlace } from './ability.js';
import { type FunctionTargets, functionTargets } from './functions.js';
import { permissionError } from './load.js';

const kprobeSourceFile = '/sys/bus/event_source/devices/kprobe/type';

/**
 * The descriptors of one session. The kernel keeps what they name as long as they are open, and no longer: also when
 * the process dies. Nothing is pinned.
 */
export class BpfAttachment implements Disposable {
  #links: Descriptor[] = [];
  #others: Descriptor[] = [];
  readonly #modules = new Map<string, Descriptor>();
  #kprobeSource: number | undefined;

  /** Keeps a program, map or module's types until the end. */
  keep<T extends Disposable & Descriptor>(descriptor: T): T {
    this.#others.push(descriptor);
    return descriptor;
  }

  /** Descriptor number of a module's types, 0 for vmlinux. Throws a `BackendError`. */
  typesOf(module: string | undefined, definition: string): number {
    if (module === undefined) return 0;
    let types = this.#modules.get(module);
    if (types === undefined) {
      types = findModule(module, definition);
      this.#modules.set(module, this.keep(types));
    }
    return types.number;
  }

  /** Puts a loaded program in place: from now on it runs. Throws a `SysError`. */
  attach(program: Descriptor, place: BpfPlace, kernel: Kernel): void {
    switch (place.kind) {
      case 'fentry':
      case 'fexit':
      case 'tracepoint':
        this.#links.push(attachTracing(program));
        return;
      case 'kprobe':
        return this.#kprobe(program, place);
      case 'kprobes':
        for (const one of kprobesOf(functionTargets(place.symbols, kernel)))
          this.#kprobe(program, { ...one, isReturn: place.isReturn });
        return;
      case 'kprobe-multi': {
        const { symbols, isReturn } = place;
        const functions = functionTargets(symbols, kernel);
        this.#links.push(linkToFunctions({ isReturn, functions }, program));
        return;
      }
      default:
        return place satisfies never;
    }
  }

  /** Takes every program out of its place; what was recorded stays readable. */
  detach(): void {
    const links = this.#links;
    this.#links = [];
    for (const link of links) link[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.detach();
    const others = this.#others;
    this.#others = [];
    for (const descriptor of others) descriptor[Symbol.dispose]();
  }

  #kprobe(
    program: Descriptor,
    { symbol, offset, isReturn }: { symbol: string; offset: bigint; isReturn: boolean },
  ) {
    this.#kprobeSource ??= kprobeSource();
    const event = openKprobe({ source: this.#kprobeSource, symbol, offset, isReturn });
    this.#links.push(event);
    runAtPerfEvent(event, program);
  }
}

/** The number of perf's kprobes among its sources of events. Throws a `BackendError`. */
export function kprobeSource(file = kprobeSourceFile): number {
  try {
    return Number(readFileSync(file, 'latin1'));
  } catch (cause) {
    throw new BackendError('unsupported', `the kernel shows no kprobes of perf: ${file} cannot be read`, {
      hints: ['it takes CONFIG_KPROBE_EVENTS, and sysfs mounted on /sys'],
      cause,
    });
  }
}

/** Where a kprobe goes for each function. */
function kprobesOf(targets: FunctionTargets): readonly { symbol: string; offset: bigint }[] {
  return 'symbols' in targets
    ? targets.symbols.map(symbol => ({ symbol, offset: 0n }))
    : targets.addresses.map(address => ({ symbol: '', offset: address }));
}

function findModule(module: string, definition: string): Descriptor {
  let types: Descriptor | undefined;
  try {
    types = openModuleBtf(module);
  } catch (error) {
    if (isSysError(error, 'EPERM'))
      throw permissionError(`look for the types of module ${module}`, error, definition);
    throw error;
  }
  if (types !== undefined) return types;
  throw new BackendError('attach', `module ${module} has no types in the kernel`, { definition });
}
