import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { commandsFor } from './commands/all.js';
import { definitionHelp, exitCodes } from './commands/help.js';
import { reportFailure } from './error.js';
import { ExitCode } from './exit-code.js';
import { printableLines } from './paint.js';
import { isAllWritten, say, streamOf } from './standard-streams.js';

/** Runs the command line `node main.js ...` and answers the exit code of the process. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.ok;
  const program = describeProgram();
  for (const add of await commandsFor(argv[2])) {
    add(program, code => {
      exitCode = code;
    });
  }
  pointToHelp(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    // Commander has said what is wrong; help and version end without a fault.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.misuse;
    return reportFailure(error);
  }
  return exitCode;
}

/** Ends the process: at once, where nothing is on its way any more. Node takes long to take itself apart. */
export function endProcess(code: ExitCode): void {
  process.exitCode = code;
  if (isAllWritten()) process.exit();
}

/** Starts this thread's part of a report: `runReportWorker`. */
export async function startReportWorker(): Promise<void> {
  const { runReportWorker } = await import('./report-worker.js');
  await runReportWorker();
}

/** All but its commands. */
function describeProgram(): Command {
  return new Command('btfprobe')
    .description(
      "Typed kernel probe events: check, explain and trace lines of the kernel's own probe language.",
    )
    .exitOverride()
    .configureOutput({
      writeOut: text => streamOf(1).write(text),
      writeErr: say,
      outputError: (text, write) => write(printableLines(text.replace(/^error: /, 'btfprobe: '))),
    })
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      streamOf(1).write(`${readVersion()}\n`);
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
