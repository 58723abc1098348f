import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { definitionHint, dialectHelp, exitCodes, kernelHelp } from './help.js';

export function addExplain(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('explain')
    .description('Show what a definition becomes: types, offsets, fetch programs, the record.')
    .argument('<definition>', 'a line of the probe language')
    .option('-k, --kernel <kernel>', kernelHelp, 'default')
    .option('--dialect <name>', dialectHelp)
    .option('--json', 'one JSON object: docs/cli.md')
    .addHelpText(
      'after',
      `
Examples:
  $ btfprobe explain 'f vfs_read name=file->f_path.dentry->d_name.name:string'
  $ btfprobe explain 'f vfs_read%return count ret=$retval'
  $ btfprobe explain --kernel live 'f kfree $arg*' --json
${definitionHint}${exitCodes({ 0: 'the definition is accepted', 1: 'it is refused, or not judged', 2: 'wrong use, unreadable input, no such kernel' })}`,
    )
    .action(async (definition: string, options) => {
      const { explain } = await import('../explain.js');
      done(await explain(definition, options));
    });
}
