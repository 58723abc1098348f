import { type Command, Option } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { definitionHint, kernelHelp, tracingCodes } from './help.js';
import { duration, wholeNumber } from './option-values.js';
import { filterOption } from './record-options.js';

export function addRecord(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('record')
    .description('Attach definitions, or follow events that exist, and write their records to a trace.dat.')
    .argument('<targets...>', 'definitions, or events as group:name')
    .addOption(
      new Option('-b, --backend <backend>', 'auto, tracefs, lowered, bpf: as of trace')
        .choices(['auto', 'tracefs', 'lowered', 'bpf', 'sim'])
        .default('auto'),
    )
    .option('-o, --output <file>', 'the file to write', 'trace.dat')
    .option('-n, --count <number>', 'end after so many records', wholeNumber)
    .option('-d, --duration <time>', 'end after this time: 500ms, 2s, 1m', duration)
    .addOption(filterOption())
    .option('--buffer-size <kb>', 'kilobytes of buffer per processor', wholeNumber)
    .option('--json', 'the summary as JSON: docs/cli.md')
    .option('-k, --kernel <kernel>', `the kernel to simulate: ${kernelHelp}; with --backend sim only`)
    .addHelpText(
      'after',
      `
The file can be read at any time, also when the recording was killed or the disk is full: by
btfprobe report, trace-cmd report and KernelShark. Ctrl-C ends the recording.

Examples:
  # btfprobe record -o reads.dat 'f vfs_read name=file->f_path.dentry->d_name.name:string' -d 10s
  $ btfprobe record --backend sim 't sched_switch next=next->pid' --count 100
  $ btfprobe report trace.dat
${definitionHint}${tracingCodes}`,
    )
    .action(async (targets: string[], options) => {
      const { record } = await import('../record.js');
      done(await record(targets, options));
    });
}
