import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { exitCodes } from './help.js';

export function addLeftovers(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('list')
    .description('List what runs of btfprobe that were killed (SIGKILL) left in the kernel.')
    .option('--json', 'one JSON object a line: docs/cli.md')
    .addHelpText(
      'after',
      `
A run that ends by itself, by Ctrl-C or by an error leaves nothing. Needs root and tracefs.

Examples:
  # btfprobe list
  # btfprobe list --json | jq .events
${exitCodes({ 0: 'done', 2: 'wrong use, or no tracefs that this user may read' })}`,
    )
    .action(async options => {
      const { list } = await import('../leftovers.js');
      done(await list(options));
    });
  program
    .command('clean')
    .description('Remove what runs of btfprobe that were killed left in the kernel.')
    .option('--dry-run', 'only say what would be removed')
    .option('--json', 'one JSON object a line: docs/cli.md')
    .addHelpText(
      'after',
      `
Probes of others and of runs that live are not touched. The next trace or record cleans up, too. Needs
root and tracefs.

Examples:
  # btfprobe clean --dry-run
  # btfprobe clean
${exitCodes({ 0: 'done', 1: 'something could not be removed', 2: 'wrong use, or no tracefs that this user may write' })}`,
    )
    .action(async options => {
      const { clean } = await import('../leftovers.js');
      done(await clean(options));
    });
}
