import { linkNeighbours, linkToItself } from './lists.js';
import type { SimMemory } from './memory.js';
import type { KernelObject, ObjectMaker } from './objects.js';
import type { SimTask } from './task.js';

/** One CPU's run queue: the `struct rq` and the tasks linked in its `cfs_tasks` through `se.group_node`. */
export class RunQueue {
  readonly object: KernelObject;
  /** Tasks that want to run, the running one included; the idle task never is among them. */
  private readonly queued: SimTask[] = [];

  constructor(
    objects: ObjectMaker,
    private readonly memory: SimMemory,
    readonly cpu: number,
  ) {
    this.object = objects.make('rq', { cpu });
    linkToItself(this.object, 'cfs_tasks');
  }

  get tasks(): readonly SimTask[] {
    return this.queued;
  }

  /** Puts a task at the front, where the kernel puts it. */
  enqueue(task: SimTask): void {
    this.queued.push(task);
    const head = this.object.addressOf('cfs_tasks');
    const first = this.object.get('cfs_tasks.next');
    const node = task.object.addressOf('se.group_node');
    linkNeighbours(this.memory, head, node);
    linkNeighbours(this.memory, node, first);
    task.object.set('se.on_rq', 1);
    this.object.set('nr_running', this.queued.length);
  }

  dequeue(task: SimTask): void {
    const index = this.queued.indexOf(task);
    if (index < 0) return;
    this.queued.splice(index, 1);
    linkNeighbours(this.memory, task.object.get('se.group_node.prev'), task.object.get('se.group_node.next'));
    linkToItself(task.object, 'se.group_node');
    task.object.set('se.on_rq', 0);
    this.object.set('nr_running', this.queued.length);
  }

  /** The queued task that ran least so far. */
  fairest(except?: SimTask): SimTask | undefined {
    let best: SimTask | undefined;
    for (const task of this.queued) {
      if (task === except) continue;
      if (!best || task.object.get('se.vruntime') < best.object.get('se.vruntime')) best = task;
    }
    return best;
  }
}
