import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { exitCodes, kernelHelp } from './help.js';
import { namedNumbers, repeatable, wholeNumber } from './option-values.js';
import {
  counterOption,
  formatOption,
  jsonOption,
  refuseOtherFormat,
  valuesOption,
} from './record-options.js';

export function addReport(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('report')
    .description('Print the records of a recording that was made before.')
    .argument('[recording]', 'a trace.dat or a capture folder', 'trace.dat')
    .addOption(formatOption())
    .addOption(valuesOption())
    .addOption(counterOption())
    .addOption(jsonOption())
    .addOption(
      repeatable('-e, --event <event>', 'only these: group:name, a name or a group, with * and ?', 'all'),
    )
    .option('--from <time>', 'only records from this time on, as lines show it')
    .option('--to <time>', 'only records up to this time')
    .option('-n, --count <number>', 'at most so many records', wholeNumber)
    .option('--summary', 'instead of records: how many of each event, and what was lost')
    .option('-o, --output <file>', 'write to a file; - is standard output')
    .option('-j, --jobs <number>', 'threads to work with (default: 1)', wholeNumber)
    .option('--buffer <name>', "the buffer of an instance in a trace.dat; '' is the top level one")
    .option('-k, --kernel <kernel>', `where symbols come from: ${kernelHelp}`)
    .option(
      '--constant <name=number>',
      'a value that print formats name and no recording tells, such as vmemmap_base (repeatable)',
      namedNumbers,
    )
    .addHelpText(
      'after',
      `
Without --kernel only the symbols that are in the recording are known; other addresses are shown
as numbers. Give the kernel that was traced. Its types also say what values mean (--values rich).

Examples:
  $ btfprobe report
  $ btfprobe report ./capture --kernel 6.12-cloud
  $ btfprobe report ./capture --event 'sched:*' --from 12.5 --to 13 --format csv
  $ btfprobe report ./capture --kernel 6.12-cloud --json | jq -c '{event, args, typed}'
  $ btfprobe report ./capture --summary
${exitCodes({ 0: 'done', 2: 'wrong use, no such recording or kernel, output that cannot be written' })}`,
    )
    .hook('preAction', refuseOtherFormat)
    .action(async (path: string, options) => {
      const { report } = await import('../report.js');
      done(await report(path, options));
    });
}
