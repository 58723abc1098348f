import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { definitionHint, exitCodes } from './help.js';
import { filterText } from './option-values.js';

export function addPlan(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('plan')
    .description('Say what trace would do with definitions here, and why so, without doing it.')
    .argument('<targets...>', 'definitions, or events as group:name, as trace takes them')
    .option(
      '-k, --kernel <kernel>',
      'plan for root on the kernel of a bundle, or default; not given: for this user here',
      'live',
    )
    .option(
      '--filter <filter>',
      'only hits that pass, as trace --filter: ways that cannot ask it are closed',
      filterText,
    )
    .option('--json', 'one JSON object: docs/plan.md')
    .addHelpText(
      'after',
      `
Nothing is attached, and no rights are needed: what this user may not do stands under the way that needs
it. For each definition all ways are shown, the preferred one first: the line as it is written; lowered
to what older kernels take; an eBPF program. With each, what would be written, loaded and attached, how
many bytes a record takes, and what a hit is expected to cost.

Examples:
  $ btfprobe plan 'f vfs_read name=file->f_path.dentry->d_name.name:string count'
  $ btfprobe plan --kernel ./debian-6.1.btfbundle 'f vfs_read count' 't sched_switch next->pid'
  $ btfprobe plan --filter 'name ~ "*.so"' 'f vfs_read name=file->f_path.dentry->d_name.name:string'
  $ btfprobe plan --json 'p vfs_read+9 %ax' | jq .choice
${definitionHint}${exitCodes({ 0: 'a way is open', 1: 'none is', 2: 'wrong use, unreadable input, no such kernel' })}`,
    )
    .action(async (targets: string[], options) => {
      const { plan } = await import('../plan.js');
      done(await plan(targets, options));
    });
}
