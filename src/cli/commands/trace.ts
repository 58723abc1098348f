import { type Command, Option } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { definitionHint, kernelHelp, tracingCodes } from './help.js';
import { duration, wholeNumber } from './option-values.js';
import {
  counterOption,
  filterOption,
  formatOption,
  jsonOption,
  refuseOtherFormat,
  valuesOption,
} from './record-options.js';

export function addTrace(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('trace')
    .description('Attach definitions, or follow events that exist, and print their records.')
    .argument('<targets...>', 'definitions, or events as group:name')
    .addOption(
      new Option(
        '-b, --backend <backend>',
        'auto: the first of tracefs, lowered, bpf that can (see plan), never sim; lowered: lines in words of older kernels; bpf: eBPF programs',
      )
        .choices(['auto', 'tracefs', 'lowered', 'bpf', 'sim'])
        .default('auto'),
    )
    .addOption(formatOption())
    .addOption(valuesOption())
    .addOption(counterOption())
    .addOption(jsonOption())
    .option('-n, --count <number>', 'end after so many records', wholeNumber)
    .option('-d, --duration <time>', 'end after this time: 500ms, 2s, 1m', duration)
    .option('-o, --output <file>', 'write records to a file; - is standard output')
    .addOption(filterOption())
    .option('--buffer-size <kb>', 'kilobytes of buffer per processor', wholeNumber)
    .option('-k, --kernel <kernel>', `the kernel to simulate: ${kernelHelp}; with --backend sim only`)
    .addHelpText(
      'after',
      `
Ctrl-C ends the trace: what was recorded is printed, then on stderr a summary with the number of
records, of lost ones, and of each event's. Nothing stays attached. A second Ctrl-C does not wait.

Examples:
  # btfprobe trace 'f vfs_read name=file->f_path.dentry->d_name.name:string count' --count 20
  # btfprobe trace sched:sched_switch --duration 2s --format json --output switches.jsonl
  # btfprobe trace --backend bpf 'f vfs_read name=file->f_path.dentry->d_name.name:string count'
  $ btfprobe trace --backend sim 't sched_switch next=next->pid' --count 5
${definitionHint}${tracingCodes}`,
    )
    .hook('preAction', refuseOtherFormat)
    .action(async (targets: string[], options) => {
      const { trace } = await import('../trace.js');
      done(await trace(targets, options));
    });
}
