import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAsk } from './commands/ask.js';
import { addBundle } from './commands/bundle.js';
import { addCheck } from './commands/check.js';
import { addDemo } from './commands/demo.js';
import { addDoctor } from './commands/doctor.js';
import { addExplain } from './commands/explain.js';
import { definitionHelp, exitCodes } from './commands/help.js';
import { addLeftovers } from './commands/leftovers.js';
import { addLower } from './commands/lower.js';
import { addPlan } from './commands/plan.js';
import { addRecord } from './commands/record.js';
import { addReport } from './commands/report.js';
import { addTrace } from './commands/trace.js';
import { reportFailure } from './error.js';
import { ExitCode } from './exit-code.js';
import { printableLines } from './paint.js';

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
    .configureOutput({
      outputError: (text, write) => write(printableLines(text.replace(/^error: /, 'btfprobe: '))),
    })
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
${definitionHelp}${exitCodes({
  0: 'done',
  1: 'a definition is refused, an event is missing, something could not be removed',
  2: 'wrong use, unreadable input, no such kernel, no way to trace here',
  130: 'ended by force: a second Ctrl-C, or one before tracing began',
})}`,
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
  pointToHelp(program);
  return program;
}

/** After a mistake, each command says where its use is told. */
function pointToHelp(command: Command): void {
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  command.showHelpAfterError(`  hint: how it is used: ${names.join(' ')} --help`);
  for (const subcommand of command.commands) pointToHelp(subcommand);
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
