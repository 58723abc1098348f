import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { exitCodes } from './help.js';

export function addLeftovers(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('list')
    .description('List what runs of btfprobe that were killed left in the kernel.')
    .option('--json', 'one JSON object a line: docs/cli.md')
    .addHelpText('after', `\nExample:\n  # btfprobe list\n${exitCodes}`)
    .action(async options => {
      const { list } = await import('../leftovers.js');
      done(await list(options));
    });
  program
    .command('clean')
    .description('Remove it. Probes of others and of runs that live are not touched.')
    .option('--dry-run', 'only say what would be removed')
    .option('--json', 'one JSON object a line: docs/cli.md')
    .addHelpText('after', `\nExamples:\n  # btfprobe clean --dry-run\n  # btfprobe clean\n${exitCodes}`)
    .action(async options => {
      const { clean } = await import('../leftovers.js');
      done(await clean(options));
    });
}
