import type { Kernel } from '../../kernel/index.js';
import { SimError } from './error.js';
import { SimHeap } from './heap.js';
import { linkToItself } from './lists.js';
import { SimMemory } from './memory.js';
import { type KernelObject, ObjectMaker } from './objects.js';
import { SimTask, stackBytes } from './task.js';

/** Start of the vmalloc area, where kernel stacks are. */
const vmallocStart = 0xffff_c900_0000_0000n;
/** Stacks are a guard page apart. */
const stackStride = BigInt(stackBytes + 4096);
const userPathsStart = 0x7ffd_1a20_0000n;
/** A user page that is never present: reads of it fault. */
export const absentUserPage = 0x7f3c_8e40_0000n;
/** Where every process keeps its read and write buffers. */
export const userBuffer = 0x55d0_c3a0_1000n;
const regularFileMode = 0o100644;
const openForBoth = 0x1f;

/** A file that tasks open: its name in the file tree. */
export interface SimFileName {
  readonly path: string;
  readonly dentry: KernelObject;
  readonly inode: KernelObject;
  readonly operations: bigint;
  /** Reads find nothing and say so (-EAGAIN). */
  readonly isPipe: boolean;
}

/** An open file. */
export interface SimFile {
  readonly object: KernelObject;
  readonly name: SimFileName;
}

/** A slab cache: what `kmem_cache_alloc` takes objects from. */
export interface SimCache {
  readonly object: KernelObject;
  readonly objectSize: number;
}

interface FileSystem {
  readonly type: string;
  readonly id: string;
  readonly device: number;
  readonly operations: string;
  /** Functions behind `f_op->read_iter` and `f_op->write_iter`. */
  readonly readIter: string;
  readonly writeIter: string;
  readonly files: readonly { readonly path: string; readonly inode: number; readonly size: number }[];
}

const fileSystems: readonly FileSystem[] = [
  {
    type: 'ext4',
    id: 'vda1',
    device: (254 << 20) | 1,
    operations: 'ext4_file_operations',
    readIter: 'ext4_file_read_iter',
    writeIter: 'ext4_file_write_iter',
    files: [
      { path: '/etc/passwd', inode: 131_104, size: 1_842 },
      { path: '/etc/ld.so.cache', inode: 131_140, size: 21_711 },
      { path: '/usr/lib/libc.so.6', inode: 262_405, size: 1_922_136 },
      { path: '/var/log/syslog', inode: 393_233, size: 88_231 },
      { path: '/srv/reports/quarterly-figures-of-the-northern-branch.csv', inode: 524_301, size: 40_960 },
    ],
  },
  {
    type: 'tmpfs',
    id: 'tmpfs',
    device: 26,
    operations: 'shmem_file_operations',
    readIter: 'shmem_file_read_iter',
    writeIter: 'shmem_file_write_iter',
    files: [{ path: '/tmp/work.db', inode: 17, size: 16_384 }],
  },
  {
    type: 'proc',
    id: 'proc',
    device: 22,
    operations: 'proc_reg_file_ops',
    readIter: 'proc_reg_read_iter',
    writeIter: 'proc_reg_write',
    files: [{ path: '/proc/loadavg', inode: 4_026_532_028, size: 0 }],
  },
  {
    type: 'pipefs',
    id: 'pipefs',
    device: 13,
    operations: 'pipefifo_fops',
    readIter: 'pipe_read',
    writeIter: 'pipe_write',
    files: [{ path: '/pipe', inode: 9_711, size: 0 }],
  },
];

const cacheNames = ['filp', 'names_cache', 'dentry', 'vm_area_struct', 'kmalloc-64', 'kmalloc-256'] as const;
/** A cache that the world has. */
export type CacheName = (typeof cacheNames)[number];

/** The objects of a small running system: memory, tasks, files and caches, laid out by a kernel's BTF. */
export class SimWorld {
  readonly memory = new SimMemory();
  readonly objects: ObjectMaker;
  readonly heap: SimHeap;
  readonly files: readonly SimFileName[];
  readonly caches: ReadonlyMap<CacheName, SimCache>;
  private stacks = 0;
  private readonly texts = new Map<string, bigint>();

  /** Throws a `SimError`: `no-types`, `no-type`, `no-field`. */
  constructor(private readonly kernel: Kernel) {
    if (!kernel.types) throw new SimError('no-types', `the facts of ${kernel.name} carry no BTF`);
    this.heap = new SimHeap(this.memory);
    this.objects = new ObjectMaker(kernel.types, this.memory, this.heap);
    this.files = fileSystems.flatMap(fileSystem => this.mount(fileSystem));
    this.caches = new Map(cacheNames.map(name => [name, this.makeCache(name)]));
  }

  /** Kernel address of a symbol; 0n when this kernel has none of that name. */
  symbol(name: string): bigint {
    return this.kernel.symbols.find(name)[0]?.address ?? 0n;
  }

  /** Kernel address of a constant text; the same text has one address. */
  textAddress(text: string): bigint {
    let address = this.texts.get(text);
    if (address === undefined) {
      address = this.objects.text(text);
      this.texts.set(text, address);
    }
    return address;
  }

  /** A task that is not on any run queue yet. `process`: it has user memory. */
  makeTask(pid: number, comm: string, cpu: number, process: boolean): SimTask {
    const user = process ? this.makeUserMemory() : undefined;
    const stackStart = vmallocStart + stackStride * BigInt(this.stacks++);
    this.memory.map(stackStart, stackBytes);
    const bootTask = pid === 0 && cpu === 0 ? this.symbol('init_task') : 0n;
    const object =
      bootTask === 0n ? this.objects.make('task_struct') : this.objects.at(bootTask, 'task_struct');
    const priority = pid === 0 || process ? 120 : 100;
    const fields = { pid, tgid: pid, comm, prio: priority, normal_prio: priority, static_prio: priority };
    for (const [path, value] of Object.entries(fields)) object.set(path, value);
    object.set('stack', stackStart);
    object.set('real_parent', object);
    object.set('group_leader', object);
    object.set('thread_info.cpu', cpu);
    if (process) object.set('mm', this.objects.make('mm_struct', {}, 0));
    linkToItself(object, 'se.group_node');
    return new SimTask(object, pid, comm, stackStart, user, cpu);
  }

  /** Fills a file as opening it does. */
  openFile({ object, name }: SimFile): void {
    object.set('f_path.dentry', name.dentry);
    object.set('f_inode', name.inode);
    object.set('f_op', name.operations);
    object.set('f_mode', openForBoth);
    object.set('f_flags', 0o100000);
    object.set('f_pos', 0);
  }

  /** Address of a path's text in the user memory of every process. */
  userPath(name: SimFileName): bigint {
    return userPathsStart + BigInt(256 * this.files.indexOf(name));
  }

  cache(name: CacheName): SimCache {
    return this.caches.get(name)!;
  }

  private mount(fileSystem: FileSystem): SimFileName[] {
    const type = this.objects.make('file_system_type', { name: this.objects.text(fileSystem.type) });
    const superBlock = this.objects.make('super_block', {
      s_type: type,
      s_dev: fileSystem.device,
      s_id: fileSystem.id,
      s_blocksize: 4096,
    });
    const root = this.makeDentry('/', undefined, this.makeInode(superBlock, 2, 4096, 0o40755), superBlock);
    superBlock.set('s_root', root);
    const folders = new Map([['', root]]);
    const operations = this.placeOperations(fileSystem);
    return fileSystem.files.map(({ path, inode: number, size }) => {
      const parts = path.split('/').slice(1);
      let folder = root;
      for (let depth = 1; depth < parts.length; depth++) {
        const key = parts.slice(0, depth).join('/');
        let next = folders.get(key);
        if (!next) {
          const inode = this.makeInode(superBlock, 2 + folders.size, 4096, 0o40755);
          next = this.makeDentry(parts[depth - 1]!, folder, inode, superBlock);
          folders.set(key, next);
        }
        folder = next;
      }
      const inode = this.makeInode(superBlock, number, size, regularFileMode);
      const dentry = this.makeDentry(parts.at(-1)!, folder, inode, superBlock);
      return { path, dentry, inode, operations, isPipe: fileSystem.type === 'pipefs' };
    });
  }

  /** The file operations lie where the kernel's own are, so that their address has its name. */
  private placeOperations({ operations, readIter, writeIter }: FileSystem): bigint {
    const fields = { read_iter: this.symbol(readIter), write_iter: this.symbol(writeIter) };
    const address = this.symbol(operations);
    if (address === 0n) return this.objects.make('file_operations', fields).address;
    return this.objects.at(address, 'file_operations', fields).address;
  }

  private makeInode(superBlock: KernelObject, number: number, size: number, mode: number): KernelObject {
    return this.objects.make('inode', { i_ino: number, i_size: size, i_sb: superBlock, i_mode: mode });
  }

  /** Short names lie inside the dentry, longer ones in memory of their own. */
  private makeDentry(
    name: string,
    parent: KernelObject | undefined,
    inode: KernelObject,
    superBlock: KernelObject,
  ): KernelObject {
    const dentry = this.objects.make('dentry', { d_inode: inode, d_sb: superBlock });
    const isShort = name.length < 40;
    if (isShort) dentry.set('d_iname', name);
    dentry.set('d_name.name', isShort ? dentry.addressOf('d_iname') : this.objects.text(name));
    dentry.set('d_name.len', name.length);
    dentry.set('d_parent', parent ?? dentry);
    return dentry;
  }

  private makeCache(name: CacheName): SimCache {
    const sizes: Record<CacheName, number> = {
      filp: this.objects.sizeOf('file'),
      names_cache: 4096,
      dentry: this.objects.sizeOf('dentry'),
      vm_area_struct: this.objects.sizeOf('vm_area_struct'),
      'kmalloc-64': 64,
      'kmalloc-256': 256,
    };
    const objectSize = sizes[name];
    const object = this.objects.make('kmem_cache', {
      name: this.objects.text(name),
      object_size: objectSize,
      size: Math.ceil(objectSize / 64) * 64,
      flags: 0x4000_0000,
      refcount: 1,
    });
    return { object, objectSize };
  }

  private makeUserMemory(): SimMemory {
    const user = new SimMemory();
    user.map(userPathsStart, 256 * this.files.length);
    for (const file of this.files) user.writeText(this.userPath(file), file.path);
    user.map(userBuffer, 8192);
    user.writeText(userBuffer, 'simulated data\n');
    return user;
  }
}
