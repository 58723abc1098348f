import type { Kernel } from '../../kernel/index.js';
import { openLiveKernel } from '../live.js';
import { describeUser } from '../process.js';
import { bpfChecks } from './bpf-checks.js';
import type { Check, CheckId } from './check.js';
import { kernelChecks } from './kernel-checks.js';
import { lockdownCheck, rightsChecks } from './rights-checks.js';
import { Scene } from './scene.js';
import { factsChecks } from './symbol-checks.js';
import { armedCheck, tracefsChecks } from './tracefs-checks.js';

/** How a machine is looked at. */
export interface ExamineOptions {
  /** A folder below which the machine's `/proc`, `/sys` and `/boot` are seen; default `/`. */
  readonly root?: string;
  /** The machine's kernel where it is open already: it stays open. */
  readonly kernel?: Kernel;
}

/** What a machine can do for whoever traces on it. */
export interface Examination {
  readonly release: string;
  readonly arch: string;
  /** Who asked: `anna (uid 1000)`. */
  readonly user: string;
  /** One of every id, in the order of the subjects. */
  readonly checks: readonly Check[];
}

/**
 * Looks at every capability of this machine that tracing rests on. Files are opened and read; nothing is written,
 * mounted, loaded or attached. Throws a `KernelError` where there is no live kernel at all.
 */
export function examineHost({ root = '/', kernel }: ExamineOptions = {}): Examination {
  if (kernel !== undefined) return examine(new Scene(root), kernel);
  using opened = openLiveKernel({ root });
  return examine(new Scene(root), opened);
}

/** The part of it that everything through tracefs rests on. */
export function examineTracefs(root = '/'): readonly Check[] {
  const scene = new Scene(root);
  return [...tracefsChecks(scene), lockdownCheck(scene)];
}

function examine(scene: Scene, kernel: Kernel): Examination {
  const checks = [
    ...factsChecks(scene, kernel),
    ...tracefsChecks(scene),
    ...kernelChecks(kernel),
    armedCheck(scene),
    ...bpfChecks(scene),
    ...rightsChecks(scene),
  ];
  return {
    release: kernel.release,
    arch: kernel.arch,
    user: describeUser(),
    checks: checks.sort(
      (left, right) => order.indexOf(subjectOf(left.id)) - order.indexOf(subjectOf(right.id)),
    ),
  };
}

/** Subjects of the checks as they are shown. */
const order = ['kernel', 'types', 'symbols', 'tracefs', 'probes', 'bpf', 'rights'];

/** The first word of a check's id. */
export function subjectOf(id: CheckId): string {
  return id.slice(0, id.indexOf('.'));
}
