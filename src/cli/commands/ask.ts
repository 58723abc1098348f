import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { dialectHelp, exitCodes, kernelHelp } from './help.js';

export function addAsk(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('ask')
    .description("Answer questions on standard input, in the shape of a real kernel's recorded answers.")
    .option('-k, --kernel <kernel>', kernelHelp, 'default')
    .option('--dialect <name>', dialectHelp)
    .addHelpText(
      'after',
      `
One JSON object a line in, one a line out: docs/ask.md.

Examples:
  $ echo '{"def":"f vfs_read count"}' | btfprobe ask
  $ echo '{"def":"f:x vfs_read foo","setup":["f:x vfs_write"]}' | btfprobe ask --kernel ./my-kernel
${exitCodes({ 0: 'every question is answered', 1: 'one was no question', 2: 'wrong use, unreadable input, no such kernel' })}`,
    )
    .action(async options => {
      const { ask } = await import('../ask.js');
      done(await ask(options));
    });
}
