import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { exitCodes } from './help.js';

export function addDemo(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('demo')
    .description('Run seven definitions on the simulated kernel and print their records. Needs no rights.')
    .option('--json', 'records as JSON lines: docs/json-schema.md')
    .addHelpText(
      'after',
      `\nExamples:\n  $ btfprobe demo\n  $ btfprobe demo --json | jq -c .args\n${exitCodes({ 0: 'done' })}`,
    )
    .action(async options => {
      const { demo } = await import('../demo.js');
      done(await demo(options));
    });
}
