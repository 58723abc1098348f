import { ExitCode } from '../exit-code.js';

/** What exit codes mean whatever the command. */
const general: ReadonlyMap<number, string> = new Map([
  [ExitCode.misuse, 'wrong use, or something that cannot be read or written'],
  [ExitCode.internal, "a mistake of btfprobe's own"],
]);

/** The exit codes of a command, for the end of its help; `own` are those that mean something else with it. */
export function exitCodes(own: Readonly<Record<number, string>>): string {
  const codes = new Map([
    ...general,
    ...Object.entries(own).map(([code, text]) => [Number(code), text] as const),
  ]);
  const lines = [...codes]
    .sort(([a], [b]) => a - b)
    .map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}\n`);
  return `\nExit codes:\n${lines.join('')}`;
}

/** The exit codes of whoever attaches. */
export const tracingCodes = exitCodes({
  0: 'done; Ctrl-C, --count or --duration ended it',
  1: 'a definition is refused, an event is missing, or it could not be attached',
  2: 'wrong use, output that cannot be written, no such kernel, no way to trace here',
  130: 'ended by force: a second Ctrl-C, or one before tracing began',
});

/** How definitions are written, in short. */
export const definitionHelp = `
Definitions are the kernel's own. All behind the place may be left out:
  f FUNCTION ARGUMENTS...           a function is called       f vfs_read count pos=file->f_pos
  f FUNCTION%return ARGUMENTS...    it returns                 f vfs_read%return ret=$retval
  t TRACEPOINT ARGUMENTS...         a tracepoint is hit        t sched_switch next=next->pid
  e GROUP.EVENT ARGUMENTS...        an event occurs            e sched.sched_switch to=$next_prio:u32
  p FUNCTION+OFFSET ARGUMENTS...    an instruction is reached  p vfs_read+4 count=%dx
  p FILE:OFFSET ARGUMENTS...        the same of a program      p /bin/sh:0x1000 %di
  f:GROUP/NAME ...                  the same under a name      f:my/reads vfs_read count
An argument is NAME=VALUE:TYPE; without NAME or TYPE, the kernel's types tell:
  count  file->f_pos  next->se.vruntime   parameters and members, written as in C
  $retval  $arg1  $arg*  $comm  $stack0   what a function returned, its arguments, the command, the stack
  %di  @jiffies_64  +8(%di)               a register, memory at a symbol, memory at an address and 8
  :u8 :s32 :x64 :string :symbol :x8[16]   types: numbers, text, a place in the kernel, arrays
`;

/** Where to read that. */
export const definitionHint = '\nHow definitions are written: btfprobe --help\n';

/** What `--dialect` takes. */
export const dialectHelp =
  'judge by a known dialect: 5.15, 6.1, v4, 6.6, 6.9, 6.12, newest (docs/dialects.md)';

/** What `--kernel` takes. */
export const kernelHelp = 'live (this machine), default (the built-in 6.12-cloud), or the path of a bundle';
