import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { definitionHint, dialectHelp, exitCodes, kernelHelp } from './help.js';
import { repeatable } from './option-values.js';

export function addCheck(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('check')
    .description('Say of each definition what the kernel would: its listing line, or its error.')
    .argument('[definitions...]', 'lines of the probe language; - for standard input')
    .addOption(repeatable('-f, --file <file>', 'read definitions from a file, one a line'))
    .addOption(repeatable('-k, --kernel <kernel>', `${kernelHelp}; several make a matrix`, 'default'))
    .addOption(repeatable('--kernels <folder>', 'a matrix with every bundle in a folder'))
    .option('--dialect <name>', dialectHelp)
    .option('--alone', 'judge each definition on its own, not on top of those before it')
    .option('--json', 'one JSON object a line: docs/cli.md')
    .addHelpText(
      'after',
      `
Definitions are judged in order on one list, as if each were written to dynamic_events of a kernel
without probe events: a second definition of one event appends to it or is refused, a deletion
deletes. A refused line changes nothing. Blank lines and comments (#) are passed over.

With several kernels a matrix is printed, definition by kernel: accepted; accepted, but with another
type or offset than on the first kernel that accepts it; refused, and why.

Kernels speak dialects of the probe language: docs/dialects.md. Which one is a fact of the kernel;
with --dialect, or as KERNEL@DIALECT, its types and symbols are judged by another one.

Examples:
  $ btfprobe check 'f vfs_read count pos=file->f_pos'
  $ btfprobe check --kernel live --file probes.txt
  $ echo 't sched_switch next->pid' | btfprobe check --json
  $ btfprobe check 'f:x vfs_read' -- '-:x'
  $ btfprobe check --file probes.txt --kernels ./bundles --json
  $ btfprobe check --dialect 6.6 'f vfs_read%return count'
  $ btfprobe check -k default@6.1 -k default@6.6 -k default 'f vfs_read count'
${definitionHint}${exitCodes({ 0: 'every definition is accepted', 1: 'one is refused, or not judged', 2: 'wrong use, unreadable input, no such kernel' })}`,
    )
    .action(async (definitions: string[], options) => {
      const { kernel, kernels } = options as { kernel: readonly string[]; kernels: readonly string[] };
      if (kernel.length > 1 || kernels.length > 0) {
        const { matrix } = await import('../matrix.js');
        done(await matrix(definitions, { ...options, kernel, kernels }));
      } else {
        const { check } = await import('../check.js');
        done(await check(definitions, { ...options, kernel: kernel[0] ?? 'default' }));
      }
    });
}
