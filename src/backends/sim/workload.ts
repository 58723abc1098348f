import type { SimCpu, SimKernel } from './sim-kernel.js';
import { type SimTask, stackBytes } from './task.js';
import { absentUserPage, type CacheName, type SimFile, type SimFileName, userBuffer } from './world.js';

const errorTryAgain = -11n;
const errorBadAddress = -14n;
const errorAccess = -13n;
const allocationFlags = 0xcc0n;
const anyNode = 0xffff_ffffn;
const interruptible = 1;
const uninterruptible = 2;

/** `common_flags` and preemption depth as real kernels record them (spec 12 R12-8). */
const inFunction = { flags: 0, preemptCount: 1 };
const inScheduler = { flags: 0x01, preemptCount: 2 };
const inTimerInterrupt = { flags: 0x09, preemptCount: 3 };

/**
 * What the simulated machine does all day: tasks open, read and write files, allocate and free, sleep and wake each
 * other, on all processors. The order is drawn from the kernel's seed.
 */
export class Workload {
  private readonly sleeping: SimTask[] = [];
  private readonly names = new Map<number, string>();

  constructor(private readonly sim: SimKernel) {
    const { world, cpus } = sim;
    const tasks: readonly [pid: number, comm: string, process: boolean][] = [
      [1, 'systemd', true],
      [15, 'kworker/0:1', false],
      [154, 'sh', true],
      [161, 'cat', true],
      [212, 'report-writer', true],
      [230, 'my app-1', true],
    ];
    for (const [index, [pid, comm, process]] of tasks.entries()) {
      const task = world.makeTask(pid, comm, index % cpus.length, process);
      task.object.set('se.vruntime', 1_000_000 + 70_000 * index);
      task.object.set('__state', interruptible);
      this.names.set(pid, comm);
      this.sleeping.push(task);
    }
  }

  /** Command name of a task by pid. */
  commOf(pid: number): string | undefined {
    return this.names.get(pid);
  }

  /** One thing that happens on one processor. */
  step(): void {
    const cpu = this.sim.random.pick(this.sim.cpus);
    if (cpu.current === cpu.idle) this.wakeFromIdle(cpu);
    else if (this.sim.random.oneIn(5)) this.reschedule(cpu);
    else this.runTask(cpu);
  }

  /** A timer interrupt ends the idle time. */
  private wakeFromIdle(cpu: SimCpu): void {
    this.sim.passTime(20_000, 300_000);
    this.wakeOne(cpu, inTimerInterrupt);
    if (cpu.queue.tasks.length > 0) this.switchTo(cpu, cpu.queue.fairest() ?? cpu.idle, 0);
  }

  private wakeOne(cpu: SimCpu, context: { flags: number; preemptCount: number }): void {
    const mine = this.sleeping.filter(task => task.cpu === cpu.index);
    if (mine.length === 0) return;
    const task = this.sim.random.pick(mine);
    this.sleeping.splice(this.sleeping.indexOf(task), 1);
    task.object.set('__state', 0);
    task.object.set('in_iowait', 0);
    cpu.queue.enqueue(task);
    this.within(cpu, context, () => this.sim.trace(cpu, 'sched_wakeup', [task.object.address]));
  }

  /** The running task goes to sleep, or another one's turn has come. */
  private reschedule(cpu: SimCpu): void {
    const task = cpu.current;
    if (this.sim.random.oneIn(3)) {
      this.switchTo(cpu, cpu.queue.fairest(task) ?? task, 0);
      return;
    }
    const waitsForDisk = this.sim.random.oneIn(3);
    const state = waitsForDisk ? uninterruptible : interruptible;
    task.object.set('__state', state);
    task.object.set('in_iowait', waitsForDisk);
    cpu.queue.dequeue(task);
    this.sleeping.push(task);
    this.switchTo(cpu, cpu.queue.fairest() ?? cpu.idle, state);
  }

  private switchTo(cpu: SimCpu, next: SimTask, state: number): void {
    const previous = cpu.current;
    if (previous === next) return;
    const ran = this.sim.now - previous.runningSince;
    if (previous !== cpu.idle) {
      previous.object.set('se.vruntime', previous.object.get('se.vruntime') + ran);
      previous.object.set('se.sum_exec_runtime', previous.object.get('se.sum_exec_runtime') + ran);
    }
    next.runningSince = this.sim.now;
    const preempt = state === 0 && previous !== cpu.idle;
    const args = [BigInt(preempt), previous.object.address, next.object.address, BigInt(state)];
    this.within(cpu, inScheduler, () => this.sim.trace(cpu, 'sched_switch', args));
    previous.object.set('on_cpu', 0);
    next.object.set('on_cpu', 1);
    cpu.queue.object.set('curr', next.object);
    cpu.current = next;
  }

  private runTask(cpu: SimCpu): void {
    this.within(cpu, inFunction, () => {
      if (!cpu.current.user) return this.allocateAndFree(cpu);
      // What the task computes in user space before it needs the kernel.
      this.sim.passTime(30_000, 1_200_000);
      const activity = this.sim.random.between(1, 10);
      if (activity <= 7) this.openAndUse(cpu);
      else if (activity <= 9) this.allocateAndFree(cpu);
      else this.openAbsentPath(cpu);
    });
    if (this.sim.random.oneIn(8)) this.wakeOne(cpu, inTimerInterrupt);
  }

  /** open(2), some reads or writes, close(2). */
  private openAndUse(cpu: SimCpu): void {
    const { sim } = this;
    const name = sim.random.pick(sim.world.files);
    const filename = this.getName(cpu, sim.world.userPath(name), name);
    const file = this.open(cpu, name);
    this.release('names_cache', filename);
    if (!file) return;
    if (sim.hasFunction('sample_open'))
      sim.call(cpu, 'sample_open', [file.object.address, 0x8000n], () => 0n);
    const rounds = sim.random.between(1, 3);
    for (let round = 0; round < rounds; round++) {
      if (sim.random.oneIn(4)) this.write(cpu, file);
      else this.read(cpu, file);
    }
    this.free(cpu, sim.random.oneIn(10) ? 0n : this.allocate(cpu, 'kmalloc-64', 'ksys_read'), 64);
    sim.world.heap.release(file.object.address, sim.world.cache('filp').objectSize);
  }

  /** open(2) of a path whose page is not there: it fails before any file is looked for. */
  private openAbsentPath(cpu: SimCpu): void {
    this.getName(cpu, absentUserPage, undefined);
  }

  /** `getname_flags`: the address of the `struct filename`, or an error pointer. */
  private getName(cpu: SimCpu, userPath: bigint, name: SimFileName | undefined): bigint {
    const { world } = this.sim;
    const result = this.sim.call(cpu, 'getname_flags', [userPath, 0n], () => {
      const address = this.allocate(cpu, 'names_cache', 'getname_flags');
      if (!name) {
        this.release('names_cache', address);
        return errorBadAddress;
      }
      const filename = world.objects.at(address, 'filename', { uptr: userPath, refcnt: 1 });
      filename.set('name', filename.addressOf('iname'));
      world.memory.writeText(filename.addressOf('iname'), name.path);
      return address;
    });
    return BigInt.asUintN(64, result);
  }

  private open(cpu: SimCpu, name: SimFileName): SimFile | undefined {
    const { world, random } = this.sim;
    const address = this.allocate(cpu, 'filp', 'alloc_empty_file');
    const file: SimFile = { object: world.objects.at(address, 'file'), name };
    const path = world.objects.make('path', { dentry: name.dentry });
    const result = this.sim.call(cpu, 'vfs_open', [path.address, address], () => {
      if (random.oneIn(12)) return errorAccess;
      world.openFile(file);
      return 0n;
    });
    world.objects.release(path);
    if (result === 0n) return file;
    world.heap.release(address, world.cache('filp').objectSize);
    return undefined;
  }

  private read(cpu: SimCpu, file: SimFile): void {
    const count = BigInt(this.sim.random.pick([128, 832, 1024, 4096]));
    const size = file.name.inode.get('i_size');
    this.transfer(cpu, 'vfs_read', file, count, position => {
      if (file.name.isPipe) return errorTryAgain;
      const left = size > position ? size - position : 0n;
      return left < count ? left : count;
    });
  }

  private write(cpu: SimCpu, file: SimFile): void {
    const count = BigInt(this.sim.random.between(1, 300));
    this.transfer(cpu, 'vfs_write', file, count, () => count);
  }

  /** The position is handed over in the caller's frame and written back by the caller. */
  private transfer(
    cpu: SimCpu,
    name: 'vfs_read' | 'vfs_write',
    file: SimFile,
    count: bigint,
    moved: (position: bigint) => bigint,
  ): void {
    const { memory } = this.sim.world;
    const position = cpu.current.stackStart + BigInt(stackBytes - 0x100);
    memory.writeInteger(position, 8, file.object.get('f_pos'));
    this.sim.call(cpu, name, [file.object.address, userBuffer, count, position], () => {
      const bytes = moved(memory.readInteger(position, 8));
      if (bytes > 0n) memory.writeInteger(position, 8, memory.readInteger(position, 8) + bytes);
      return bytes;
    });
    file.object.set('f_pos', memory.readInteger(position, 8));
  }

  private allocateAndFree(cpu: SimCpu): void {
    const cache = this.sim.random.pick(['kmalloc-64', 'kmalloc-256'] as const);
    this.free(cpu, this.allocate(cpu, cache, 'ksys_read'), cache === 'kmalloc-64' ? 64 : 256);
  }

  private allocate(cpu: SimCpu, name: CacheName, caller: string): bigint {
    const { world } = this.sim;
    const { object, objectSize } = world.cache(name);
    const address = world.heap.allocate(objectSize);
    const callSite = world.symbol(caller) + 0x3bn;
    this.sim.trace(cpu, 'kmem_cache_alloc', [callSite, address, object.address, allocationFlags, anyNode]);
    return address;
  }

  private free(cpu: SimCpu, address: bigint, size: number): void {
    const { sim } = this;
    sim.call(cpu, 'kfree', [address], () => {
      sim.trace(cpu, 'kfree', [sim.world.symbol('seq_release') + 0x2an, address]);
      return 0n;
    });
    if (address !== 0n) sim.world.heap.release(address, size);
  }

  private release(name: CacheName, address: bigint): void {
    this.sim.world.heap.release(address, this.sim.world.cache(name).objectSize);
  }

  private within(cpu: SimCpu, context: { flags: number; preemptCount: number }, run: () => void): void {
    const { flags, preemptCount } = cpu;
    Object.assign(cpu, context);
    run();
    Object.assign(cpu, { flags, preemptCount });
  }
}
