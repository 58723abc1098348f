import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { definitionHint, exitCodes, kernelHelp } from './help.js';
import { repeatable } from './option-values.js';

export function addLower(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('lower')
    .description('Say definitions in words that an older kernel takes: kprobes, numbers and byte offsets.')
    .argument('[definitions...]', 'lines of the probe language; - for standard input')
    .addOption(repeatable('-f, --file <file>', 'read definitions from a file, one a line'))
    .requiredOption('-t, --to <kernel>', `the kernel to say it to (required): ${kernelHelp}`)
    .option('--plain', 'kprobes and byte offsets, though the kernel may know better')
    .option('--explain', 'what each piece of the lines stands for')
    .option('--json', 'one JSON object a line: docs/cli.md')
    .addHelpText(
      'after',
      `
The lines can be written to dynamic_events of that kernel, as they are; lines that begin with # are
comments to it. They hold offsets of that kernel's own types: they are good for it alone. What it
takes as it was written is printed as it was. What cannot be said to it is refused with the reason.

Examples:
  $ btfprobe lower --to ./6.1.btfbundle 'f vfs_read name=file->f_path.dentry->d_name.name:string count'
  $ btfprobe lower --to live --plain --explain 't sched_switch next=next->pid'
  # btfprobe lower --to live --file probes.txt >> /sys/kernel/tracing/dynamic_events
${definitionHint}${exitCodes({ 0: 'all is said', 1: 'a definition cannot be said to that kernel', 2: 'wrong use, unreadable input, no such kernel' })}`,
    )
    .action(async (definitions: string[], options) => {
      const { lower } = await import('../lower.js');
      done(await lower(definitions, options));
    });
}
