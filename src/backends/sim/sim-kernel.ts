import type { ExtendedKernel } from '../../kernel/index.js';
import { SimError } from './error.js';
import { simulatedFunctions, simulatedTracepoints, stubOf } from './functions.js';
import { SimMachine } from './machine.js';
import { Random } from './random.js';
import { RunQueue } from './run-queue.js';
import { sampleModule } from './sample-module.js';
import type { SimTask } from './task.js';
import { SimWorld } from './world.js';

/** What a hook sees when its place is passed. Valid only while the hook runs. */
export interface SimHit {
  readonly cpu: number;
  readonly machine: SimMachine;
  /** Virtual time, ns. */
  readonly time: bigint;
  readonly pid: number;
  /** Patch site of the function or stub. */
  readonly ip: bigint;
  /** Where the function returns to; 0n at a tracepoint. */
  readonly returnIp: bigint;
  /** As `common_flags` and `common_preempt_count`, spec 12 section 12.2. */
  readonly flags: number;
  readonly preemptCount: number;
}

/** Told when a simulated function is entered and left. What `enter` gives is handed to `leave` of the same call. */
export interface FunctionHook {
  enter?(hit: SimHit): DataView | undefined;
  leave?(hit: SimHit, saved: DataView | undefined): void;
}

/** Told when a simulated tracepoint fires. */
export type TracepointHook = (hit: SimHit) => void;

/** A processor: what runs on it, and what the context flags of its records say. */
export interface SimCpu {
  readonly index: number;
  readonly queue: RunQueue;
  readonly idle: SimTask;
  readonly machine: SimMachine;
  current: SimTask;
  /** `common_flags` of what happens now. */
  flags: number;
  preemptCount: number;
}

/** How a simulated kernel is made. */
export interface SimKernelOptions {
  /** Same seed, same run. Default 1. */
  readonly seed?: number;
  /** Processors, default 2. */
  readonly cpus?: number;
}

/** Bytes that a call takes from the kernel stack, its return address included. */
const frameBytes = 0x60n;
/** Virtual time at which a run begins: a machine that has been up for a while. */
const bootTime = 3_578_000_000n;
const jiffyLength = 4_000_000n;
/** The counter starts five minutes before its lower half overflows (with the 250 ticks a second of `jiffyLength`). */
const jiffiesAtBoot = 0xffff_ffffn - 300n * 250n + 1n;

interface Place {
  readonly ip: bigint;
  readonly returnIp: bigint;
  readonly hooks: FunctionHook[];
}

/**
 * A small kernel in memory: processors, tasks and files laid out by real BTF, and the functions and tracepoints of
 * `simulatedFunctions` and `simulatedTracepoints`, which can be hooked. Time is virtual; nothing is random beside the seed.
 */
export class SimKernel {
  readonly world: SimWorld;
  readonly random: Random;
  readonly cpus: readonly SimCpu[];
  /** Virtual time, ns. */
  now = bootTime;

  private readonly places = new Map<string, Place>();
  private readonly tracepoints = new Map<string, { readonly ip: bigint; readonly hooks: TracepointHook[] }>();
  private readonly moduleListeners: (() => void)[] = [];
  /** Address of the kernel's tick counter; 0n when the symbol is not known. */
  private readonly jiffies: bigint;
  private nextJiffy = 0n;

  /** Throws a `SimError` when `kernel` cannot be simulated. `kernel` gains and loses the sample module. */
  constructor(
    readonly kernel: ExtendedKernel,
    options: SimKernelOptions = {},
  ) {
    if (kernel.arch !== 'x86_64') {
      throw new SimError(
        'architecture',
        `${kernel.name} is a kernel for ${kernel.arch}; only x86_64 is simulated`,
      );
    }
    const count = checkRange('cpus', options.cpus ?? 2, 1, 64);
    this.random = new Random(checkRange('seed', options.seed ?? 1, 0, 0xffff_ffff));
    this.world = new SimWorld(kernel);
    const parts = {
      memory: this.world.memory,
      resolve: (address: bigint) => kernel.symbols.resolve(address),
      textAddress: (text: string) => this.world.textAddress(text),
    };
    this.cpus = Array.from({ length: count }, (_, index): SimCpu => {
      const idle = this.world.makeTask(0, `swapper/${index}`, index, false);
      const queue = new RunQueue(this.world.objects, this.world.memory, index);
      queue.object.set('curr', idle.object);
      const machine = new SimMachine(parts, idle);
      return { index, queue, idle, machine, current: idle, flags: 0, preemptCount: 0 };
    });
    this.jiffies = this.world.symbol('jiffies');
    if (this.jiffies !== 0n) this.world.memory.map(this.jiffies, 8);
  }

  /** True when the simulated kernel has this function and it is there now. */
  hasFunction(name: string): boolean {
    return this.findPlace(name) !== undefined;
  }

  /** Hooks a function; the result takes the hook away. Throws a `SimError` `no-function`. */
  hookFunction(name: string, hook: FunctionHook): () => void {
    const place = this.findPlace(name);
    if (!place) throw new SimError('no-function', `${name} is not simulated`);
    return addHook(place.hooks, hook);
  }

  /** Hooks a tracepoint; the result takes the hook away. Throws a `SimError` `no-function`. */
  hookTracepoint(name: string, hook: TracepointHook): () => void {
    if (!simulatedTracepoints.includes(name)) throw new SimError('no-function', `${name} is not simulated`);
    return addHook(this.tracepoint(name).hooks, hook);
  }

  /**
   * Runs a simulated function on a processor: its entry is told, `body` does what it does, its return is told.
   * Arguments are machine words. Returns what `body` returned.
   */
  call(cpu: SimCpu, name: string, args: readonly bigint[], body: () => bigint): bigint {
    const place = this.findPlace(name);
    if (!place) throw new SimError('no-function', `${name} is not simulated`);
    const task = cpu.current;
    const before = task.stackPointer;
    task.stackPointer = before - frameBytes;
    this.world.memory.writeInteger(task.stackPointer, 8, place.returnIp);
    this.passTime(120, 900);
    const hooks = [...place.hooks];
    const saved = hooks.map(hook => hook.enter?.(this.hit(cpu, place.ip, place.returnIp, args, 0n)));
    const result = body();
    this.passTime(80, 2_400);
    // The return address is popped when a return is seen.
    task.stackPointer = before - frameBytes + 8n;
    for (const [index, hook] of hooks.entries()) {
      // A module that was unloaded meanwhile took its hooks along.
      if (place.hooks.includes(hook))
        hook.leave?.(this.hit(cpu, place.ip, place.returnIp, [], result), saved[index]);
    }
    task.stackPointer = before;
    return result;
  }

  /** Fires a tracepoint on a processor, with its arguments as machine words. */
  trace(cpu: SimCpu, name: string, args: readonly bigint[]): void {
    this.passTime(40, 200);
    const { ip, hooks } = this.tracepoint(name);
    // The stub's first parameter is hidden from the user: the data that the tracepoint was registered with.
    for (const hook of [...hooks]) hook(this.hit(cpu, ip, 0n, [0n, ...args], 0n));
  }

  /** Lets virtual time go by, ns. */
  passTime(low: number, high: number): void {
    this.now += BigInt(this.random.between(low, high));
    if (this.now < this.nextJiffy) return;
    const jiffies = this.now / jiffyLength;
    this.nextJiffy = (jiffies + 1n) * jiffyLength;
    if (this.jiffies !== 0n) this.world.memory.writeInteger(this.jiffies, 8, jiffiesAtBoot + jiffies);
  }

  /** Loads the sample module, which brings `sample_open`. Throws a `SimError` `module` when it is there already. */
  loadSampleModule(): void {
    const module = sampleModule(this.kernel);
    if (this.kernel.isModuleLoaded(module.name))
      throw new SimError('module', `${module.name} is loaded already`);
    this.kernel.loadModule(module);
    for (const listener of [...this.moduleListeners]) listener();
  }

  /** Tells when the sample module was loaded; the result ends that. */
  onModuleLoaded(listener: () => void): () => void {
    return addHook(this.moduleListeners, listener);
  }

  /** Unloads it: hooks on its functions are gone for good. Throws a `SimError` `module` when it is not loaded. */
  unloadSampleModule(): void {
    const { name, symbols } = sampleModule(this.kernel);
    if (!this.kernel.unloadModule(name)) throw new SimError('module', `${name} is not loaded`);
    for (const symbol of symbols) {
      this.places.get(symbol.name)?.hooks.splice(0);
      this.places.delete(symbol.name);
    }
  }

  private hit(cpu: SimCpu, ip: bigint, returnIp: bigint, args: readonly bigint[], result: bigint): SimHit {
    const { machine, current, flags, preemptCount } = cpu;
    machine.task = current;
    machine.args = args;
    machine.result = result;
    machine.instruction = ip + 1n;
    machine.entryData = undefined;
    const { now: time } = this;
    return { cpu: cpu.index, machine, time, pid: current.pid, ip, returnIp, flags, preemptCount };
  }

  private findPlace(name: string): Place | undefined {
    const known = this.places.get(name);
    if (known) return known;
    const site = Object.hasOwn(simulatedFunctions, name) ? simulatedFunctions[name] : undefined;
    const symbol = site && this.kernel.symbols.find(name)[0];
    if (!site || !symbol) return undefined;
    const caller = this.world.symbol(site.caller);
    const returnIp = caller === 0n ? 0n : caller + BigInt(site.offset);
    const place: Place = { ip: this.siteOf(symbol.address), returnIp, hooks: [] };
    this.places.set(name, place);
    return place;
  }

  private tracepoint(name: string): { readonly ip: bigint; readonly hooks: TracepointHook[] } {
    let tracepoint = this.tracepoints.get(name);
    if (!tracepoint) {
      const stub = this.world.symbol(stubOf(name));
      tracepoint = { ip: stub === 0n ? 0n : this.siteOf(stub), hooks: [] };
      this.tracepoints.set(name, tracepoint);
    }
    return tracepoint;
  }

  private siteOf(address: bigint): bigint {
    return address + BigInt(this.kernel.functions.siteOffsetAt(address) ?? (this.kernel.endbr ? 4 : 0));
  }
}

function addHook<T>(hooks: T[], hook: T): () => void {
  hooks.push(hook);
  return () => {
    const index = hooks.indexOf(hook);
    if (index >= 0) hooks.splice(index, 1);
  };
}

/** An integer option in its range. Throws a `SimError` `bad-option`. */
export function checkRange(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new SimError('bad-option', `${name} must be a whole number from ${low} to ${high}, not ${value}`);
}
