import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAsk } from './commands/ask.js';
import { addBundle } from './commands/bundle.js';
import { addCheck } from './commands/check.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addExplain } from './commands/explain.js';
import { exitCodes } from './commands/help.js';
import { addLeftovers } from './commands/leftovers.js';
import { addLower } from './commands/lower.js';
import { addPlan } from './commands/plan.js';
import { addRecord } from './commands/record.js';
import { addReport } from './commands/report.js';
import { addTrace } from './commands/trace.js';
import { reportFailure } from './error.js';
import { ExitCode } from './exit-code.js';

/** Runs the command line `node main.js ...` and answers the exit code of the process. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.ok;
  const program = describeProgram(code => {
    exitCode = code;
  });
  // A reader that went away is found out by whoever writes; a stream without a listener would throw.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // Commander has said what is wrong; help and version end without a fault.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.misuse;
    return reportFailure(error);
  }
  return exitCode;
}

/** Starts this thread's part of a report: `runReportWorker`. */
export async function startReportWorker(): Promise<void> {
  const { runReportWorker } = await import('./report-worker.js');
  await runReportWorker();
}

/** Only the descriptions are loaded here; what a command does is loaded when it runs: one start does not pay for the others. */
function describeProgram(done: (code: ExitCode) => void): Command {
  const program = new Command('btfprobe')
    .description(
      "Typed kernel probe events: check, explain and trace lines of the kernel's own probe language.",
    )
    .exitOverride()
    .showHelpAfterError('(add --help for how it is used)')
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      process.stdout.write(`${readVersion()}\n`);
      throw new CommanderError(0, 'commander.version', 'version');
    })
    .addHelpText(
      'after',
      `
Start here:
  $ btfprobe demo                                       typed records of a simulated kernel
  $ btfprobe check 'f vfs_read name=file->f_path.dentry->d_name.name:string count'
  $ btfprobe explain 't sched_switch next=next->pid vruntime=next->se.vruntime'
  $ btfprobe doctor                                     what can be traced on this machine, and how
  $ sudo btfprobe trace 'f vfs_read count' --count 10   records of this machine's kernel

A definition is one argument: quote it, for the shell has ideas of its own about $ > and *.
One that begins with - comes after --, as in: btfprobe check -- '-:fprobes/my_event'
${exitCodes}`,
    );
  addCheck(program, done);
  addExplain(program, done);
  addLower(program, done);
  addTrace(program, done);
  addReport(program, done);
  addRecord(program, done);
  addPlan(program, done);
  addDoctor(program, done);
  addLeftovers(program, done);
  addAsk(program, done);
  addBundle(program, done);
  addDemo(program, done);
  return program;
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
