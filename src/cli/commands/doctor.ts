import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { exitCodes } from './help.js';

export function addDoctor(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('doctor')
    .description('Say what this machine and this user can trace, what shows it, and what to do about gaps.')
    .option('--json', 'one JSON object: docs/doctor.md')
    .addHelpText(
      'after',
      `
Files are read and opened; nothing is attached, mounted or changed. Each line is a capability:
ok; missing in this kernel or machine; denied to this user; ? where nothing shows it. At the end stand
the ways to trace, and the exit code: 0 if one of them is open to this user, 2 if none is.

Examples:
  $ btfprobe doctor
  # btfprobe doctor --json | jq '.ways[] | select(.open) | .id'
${exitCodes({ 0: 'a way to trace is open to this user', 2: 'none is, or wrong use' })}`,
    )
    .action(async options => {
      const { doctor } = await import('../doctor.js');
      done(await doctor(options));
    });
}
