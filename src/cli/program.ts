import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { reportFailure } from './error.js';
import { ExitCode } from './exit-code.js';

// Every command's module is loaded when it runs: the start of one does not pay for the others.

const exitCodes = `
Exit codes:
  0    done; check: every definition is accepted
  1    a definition is refused, an event is missing, something could not be removed,
       a question of ask was no question
  2    wrong use, unreadable input, no such kernel, no way to trace here
  3    a mistake of btfprobe's own
  130  ended by force: a second Ctrl-C, or one before tracing began
`;

const kernelHelp = 'live (this machine), default (the built-in 6.12-cloud), or the path of a bundle';

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
  $ sudo btfprobe trace 'f vfs_read count' --count 10   records of this machine's kernel

A definition is one argument: quote it, for the shell has ideas of its own about $ > and *.
One that begins with - comes after --, as in: btfprobe check -- '-:fprobes/my_event'
${exitCodes}`,
    );
  addCheck(program, done);
  addExplain(program, done);
  addTrace(program, done);
  addReport(program, done);
  addRecord(program, done);
  addLeftovers(program, done);
  addAsk(program, done);
  addBundle(program, done);
  addDemo(program, done);
  return program;
}

function addCheck(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('check')
    .description('Say of each definition what the kernel would: its listing line, or its error.')
    .argument('[definitions...]', 'lines of the probe language; - for standard input')
    .option('-f, --file <file>', 'read definitions from a file, one a line (repeatable)', collect, [])
    .option('-k, --kernel <kernel>', `${kernelHelp} (repeatable: then a matrix)`, collect, [])
    .option('--kernels <folder>', 'a matrix with every bundle in a folder (repeatable)', collect, [])
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

Examples:
  $ btfprobe check 'f vfs_read count pos=file->f_pos'
  $ btfprobe check --kernel live --file probes.txt
  $ echo 't sched_switch next->pid' | btfprobe check --json
  $ btfprobe check 'f:x vfs_read' -- '-:x'
  $ btfprobe check --file probes.txt --kernels ./bundles --json
${exitCodes}`,
    )
    .action(async (definitions: string[], options) => {
      const { kernel, kernels } = options as { kernel: readonly string[]; kernels: readonly string[] };
      if (kernel.length > 1 || kernels.length > 0) {
        const { matrix } = await import('./matrix.js');
        done(await matrix(definitions, { ...options, kernel, kernels }));
      } else {
        const { check } = await import('./check.js');
        done(await check(definitions, { ...options, kernel: kernel[0] ?? 'default' }));
      }
    });
}

function addExplain(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('explain')
    .description('Show what a definition becomes: types, offsets, fetch programs, the record.')
    .argument('<definition>', 'a line of the probe language')
    .option('-k, --kernel <kernel>', kernelHelp, 'default')
    .option('--json', 'one JSON object: docs/cli.md')
    .addHelpText(
      'after',
      `
Examples:
  $ btfprobe explain 'f vfs_read name=file->f_path.dentry->d_name.name:string'
  $ btfprobe explain 'f vfs_read%return count ret=$retval'
  $ btfprobe explain --kernel live 'f kfree $arg*' --json
${exitCodes}`,
    )
    .action(async (definition: string, options) => {
      const { explain } = await import('./explain.js');
      done(await explain(definition, options));
    });
}

function addTrace(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('trace')
    .description('Attach definitions, or follow events that exist, and print their records.')
    .argument('<targets...>', 'definitions, or events as group:name')
    .addOption(
      new Option(
        '-b, --backend <backend>',
        'auto: tracefs where it can be used, never the simulated kernel unless asked',
      )
        .choices(['auto', 'tracefs', 'sim'])
        .default('auto'),
    )
    .addOption(
      new Option('--format <format>', "text: the kernel's own trace lines; json: docs/json-schema.md")
        .choices(['text', 'json'])
        .default('text'),
    )
    .option('--json', 'the same as --format json')
    .option('-n, --count <number>', 'end after so many records', wholeNumber)
    .option('-d, --duration <time>', 'end after this time: 500ms, 2s, 1m', duration)
    .option('-o, --output <file>', 'write records to a file')
    .option('--buffer-size <kb>', 'kilobytes of buffer per processor', wholeNumber)
    .option('-k, --kernel <kernel>', `the kernel to simulate: ${kernelHelp}; with --backend sim only`)
    .addHelpText(
      'after',
      `
Ctrl-C ends the trace: what was recorded is printed, then on stderr a summary with the number of
records, of lost ones, and of each event's. Nothing stays attached. A second Ctrl-C does not wait.

Examples:
  # btfprobe trace 'f vfs_read name=file->f_path.dentry->d_name.name:string count' --count 20
  # btfprobe trace sched:sched_switch --duration 2s --format json --output switches.jsonl
  $ btfprobe trace --backend sim 't sched_switch next=next->pid' --count 5
${exitCodes}`,
    )
    .action(async (targets: string[], options) => {
      const { trace } = await import('./trace.js');
      done(await trace(targets, options));
    });
}

function addReport(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('report')
    .description('Print the records of a recording that was made before.')
    .argument('<recording>', 'a trace.dat or a capture folder')
    .addOption(
      new Option(
        '--format <format>',
        "text: the kernel's own trace lines; json: docs/json-schema.md; csv: docs/cli.md",
      )
        .choices(['text', 'json', 'csv'])
        .default('text'),
    )
    .option('--json', 'the same as --format json')
    .option(
      '-e, --event <event>',
      'only these: group:name, a name or a group, with * and ? (repeatable)',
      collect,
      [],
    )
    .option('--from <time>', 'only records from this time on, as lines show it')
    .option('--to <time>', 'only records up to this time')
    .option('-n, --count <number>', 'at most so many records', wholeNumber)
    .option('--summary', 'instead of records: how many of each event, and what was lost')
    .option('-o, --output <file>', 'write to a file')
    .option('--buffer <name>', "the buffer of an instance in a trace.dat; '' is the top level one")
    .option('-k, --kernel <kernel>', `where symbols come from: ${kernelHelp}`)
    .addHelpText(
      'after',
      `
Without --kernel only the symbols that are in the recording are known; other addresses are shown
as numbers. Give the kernel that was traced.

Examples:
  $ btfprobe report trace.dat
  $ btfprobe report ./capture --kernel 6.12-cloud
  $ btfprobe report ./capture --event 'sched:*' --from 12.5 --to 13 --format csv
  $ btfprobe report ./capture --summary
${exitCodes}`,
    )
    .action(async (path: string, options) => {
      const { report } = await import('./report.js');
      done(await report(path, options));
    });
}

function addRecord(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('record')
    .description('Attach definitions, or follow events that exist, and write their records to a trace.dat.')
    .argument('<targets...>', 'definitions, or events as group:name')
    .addOption(
      new Option('-b, --backend <backend>', 'auto: tracefs where it can be used')
        .choices(['auto', 'tracefs', 'sim'])
        .default('auto'),
    )
    .option('-o, --output <file>', 'the file to write', 'trace.dat')
    .option('-n, --count <number>', 'end after so many records', wholeNumber)
    .option('-d, --duration <time>', 'end after this time: 500ms, 2s, 1m', duration)
    .option('--buffer-size <kb>', 'kilobytes of buffer per processor', wholeNumber)
    .option('--json', 'the summary as JSON: docs/cli.md')
    .option('-k, --kernel <kernel>', `the kernel to simulate: ${kernelHelp}; with --backend sim only`)
    .addHelpText(
      'after',
      `
The file can be read at any time, also when the recording was killed or the disk is full: by
btfprobe report, trace-cmd report and KernelShark. Ctrl-C ends the recording.

Examples:
  # btfprobe record -o reads.dat 'f vfs_read name=file->f_path.dentry->d_name.name:string' -d 10s
  $ btfprobe record --backend sim 't sched_switch next=next->pid' --count 100
  $ btfprobe report trace.dat
${exitCodes}`,
    )
    .action(async (targets: string[], options) => {
      const { record } = await import('./record.js');
      done(await record(targets, options));
    });
}

function addLeftovers(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('list')
    .description('List what runs of btfprobe that were killed left in the kernel.')
    .option('--json', 'one JSON object a line: docs/cli.md')
    .addHelpText('after', `\nExample:\n  # btfprobe list\n${exitCodes}`)
    .action(async options => {
      const { list } = await import('./leftovers.js');
      done(await list(options));
    });
  program
    .command('clean')
    .description('Remove it. Probes of others and of runs that live are not touched.')
    .option('--dry-run', 'only say what would be removed')
    .option('--json', 'one JSON object a line: docs/cli.md')
    .addHelpText('after', `\nExamples:\n  # btfprobe clean --dry-run\n  # btfprobe clean\n${exitCodes}`)
    .action(async options => {
      const { clean } = await import('./leftovers.js');
      done(await clean(options));
    });
}

function addAsk(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('ask')
    .description("Answer questions on standard input, in the shape of a real kernel's recorded answers.")
    .option('-k, --kernel <kernel>', kernelHelp, 'default')
    .addHelpText(
      'after',
      `
One JSON object a line in, one a line out: docs/ask.md.

Examples:
  $ echo '{"def":"f vfs_read count"}' | btfprobe ask
  $ echo '{"def":"f:x vfs_read foo","setup":["f:x vfs_write"]}' | btfprobe ask --kernel ./my-kernel
${exitCodes}`,
    )
    .action(async options => {
      const { ask } = await import('./ask.js');
      done(await ask(options));
    });
}

function addBundle(program: Command, done: (code: ExitCode) => void): void {
  const bundle = program
    .command('bundle')
    .description('Write and show bundles: what must be known of a kernel to judge definitions for it.');
  bundle
    .command('create')
    .description('Write a bundle of the kernel that runs here, as much of it as this user may read.')
    .argument('<out>', 'a folder to make; or one compressed file, when it ends in .btfbundle')
    .option('--modules <list>', 'modules whose types it holds: all that are loaded, none, or a,b,c', 'all')
    .option('--json', 'one JSON object: docs/cli.md')
    .addHelpText(
      'after',
      `
Files of /proc, /sys and /boot are read, and nothing else: nothing is attached or mounted. What is
missing is said with the reason. Root reads most.

Examples:
  # btfprobe bundle create my-kernel.btfbundle
  $ btfprobe bundle create ./my-kernel --modules xfs,nf_conntrack
  $ btfprobe check --kernel ./my-kernel 'f vfs_read count'
${exitCodes}`,
    )
    .action(async (out: string, options) => {
      const { createBundleHere } = await import('./bundle.js');
      done(await createBundleHere(out, options));
    });
  bundle
    .command('show')
    .description('Say what a bundle holds, what it lacks, and what that means for answers.')
    .argument('<bundle>', 'a folder or a .btfbundle')
    .option('--json', 'one JSON object: docs/cli.md')
    .addHelpText('after', `\nExample:\n  $ btfprobe bundle show my-kernel.btfbundle\n${exitCodes}`)
    .action(async (path: string, options) => {
      const { showBundle } = await import('./bundle.js');
      done(await showBundle(path, options));
    });
}

function addDemo(program: Command, done: (code: ExitCode) => void): void {
  program
    .command('demo')
    .description('Run seven definitions on the simulated kernel and print their records. Needs no rights.')
    .option('--json', 'records as JSON lines: docs/json-schema.md')
    .addHelpText('after', '\nExamples:\n  $ btfprobe demo\n  $ btfprobe demo --json | jq -c .args\n')
    .action(async options => {
      const { demo } = await import('./demo.js');
      done(await demo(options));
    });
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('A whole number above 0 is expected.');
}

const unitsInMs = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
/** Timers cannot wait longer. */
const longestDurationMs = 2 ** 31 - 1;

/** Milliseconds of `500ms`, `2s`, `1.5m`, `1h`. */
function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const value = Number(number) * (unitsInMs.get(unit ?? '') ?? Number.NaN);
  if (value > 0 && value <= longestDurationMs) return value;
  throw new InvalidArgumentError('A time such as 500ms, 2s or 1m is expected, at most 24 days.');
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
