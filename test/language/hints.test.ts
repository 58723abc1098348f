import { describe, expect, it } from 'vitest';
import { openBundle } from '../../src/host/index.js';
import {
  compileProbe,
  type Hints,
  hintsFor,
  type Suggestion,
  type UserSymbol,
  type Warning,
  warningsFor,
  withHints,
} from '../../src/language/index.js';
import { kernel, refused } from './kernel.js';

/** Hints of the first diagnostic. */
function hints(definition: string, on = kernel): Hints {
  const judgement = compileProbe(on, definition);
  if (judgement.accepted) throw new Error(`${definition} was accepted`);
  return hintsFor(on, definition, judgement.diagnostics[0]!);
}

/** The line after the first change that is offered. */
function changed(definition: string, on = kernel): string {
  return apply(definition, hints(definition, on).suggestions[0]);
}

function apply(definition: string, suggestion: Suggestion | undefined): string {
  if (suggestion === undefined) return definition;
  const { replacement, span } = suggestion;
  return definition.slice(0, span.start) + replacement + definition.slice(span.end);
}

function warnings(definition: string): readonly Warning[] {
  const judgement = compileProbe(kernel, definition);
  if (!judgement.accepted) throw new Error(`${definition} was refused`);
  using event = judgement.event;
  return event === undefined ? [] : warningsFor(kernel, definition, event);
}

const codes = (definition: string): readonly string[] => warnings(definition).map(({ code }) => code);

describe('hints', () => {
  it.each([
    ['a function', 'f vfs_raed', 'f vfs_read'],
    ['a function of a kprobe', 'p:a/b vfs_raed+4', 'p:a/b vfs_read+4'],
    ['a function whose types are asked first', 'f vfs_raed file', 'f vfs_read file'],
    ['a parameter', 'f vfs_read x=fiel->f_pos', 'f vfs_read x=file->f_pos'],
    ['a member', 'f vfs_read file->f_inod', 'f vfs_read file->f_inode'],
    ['a member that moved', 'f vfs_read file->i_ino', 'f vfs_read file->f_inode->i_ino'],
    ['a member without its parameter', 'f vfs_read f_inode', 'f vfs_read file->f_inode'],
    ['an arrow into an embedded struct', 'f vfs_read file->f_path->dentry', 'f vfs_read file->f_path.dentry'],
    ['a dot behind a pointer', 'f vfs_read file->f_inode.i_ino', 'f vfs_read file->f_inode->i_ino'],
    ['a dot behind a parameter', 'f vfs_read file.f_pos', 'f vfs_read file->f_pos'],
    ['a hyphen', 'f vfs_read file-f_pos', 'f vfs_read file->f_pos'],
    ['a type', 'f vfs_read count:u46', 'f vfs_read count:u64'],
    ['a type of C', 'f vfs_read count:size_t', 'f vfs_read count:u64'],
    ['a register by its long name', 'p vfs_read %rax', 'p vfs_read %ax'],
    ['a variable', 'f vfs_read $cmm', 'f vfs_read $comm'],
    ['an event', 'e sched.sched_swich', 'e sched.sched_switch'],
    ['an event without its group', 'e sched_switch', 'e sched.sched_switch'],
    ['a field of an event', 'e sched.sched_switch $prev_pidd', 'e sched.sched_switch $prev_pid'],
    ['a tracepoint with its group', 't sched:sched_switch', 't sched_switch'],
    ['a tracepoint with arguments', 't sched_swich prev', 't sched_switch prev'],
    ['a symbol, for which the kernel blames the place', 'p vfs_read @jifies', 'p vfs_read @jiffies'],
    ['text behind an address', 'f vfs_read $stack0:string', 'f vfs_read +0($stack0):string'],
    [
      'the name in a struct',
      'f vfs_open d=path->dentry->d_name:string',
      'f vfs_open d=path->dentry->d_name.name:string',
    ],
    ['a return value at entry', 'p vfs_read $retval', 'r vfs_read $retval'],
    ['one of several functions', 'p name_show', 'f name_show'],
    ['a missing brace', 'f vfs_read +0(+8(file', 'f vfs_read +0(+8(file))'],
    ['a constant', 'f vfs_read x=1', 'f vfs_read x=\\1'],
    ['a module in front of a name', 'f ext4:vfs_read file', 'f vfs_read file'],
    ['a name used twice', 'f vfs_read file file', 'f vfs_read file file2=file'],
    ['a bad name', 'f:a/b-c vfs_read', 'f:a/b_c vfs_read'],
    ['a line without its kind', 'vfs_read', 'f vfs_read'],
    ['arguments between commas', 'f vfs_read count,pos', 'f vfs_read count pos'],
    ['members between commas', 'f vfs_read file->f_pos,pos', 'f vfs_read file->f_pos pos'],
    ['a macro', 'f tcp_sendmsg sk->sk_family', 'f tcp_sendmsg sk->__sk_common.skc_family'],
    [
      'a macro that is like a member',
      'f tcp_sendmsg sk->sk_state',
      'f tcp_sendmsg sk->__sk_common.skc_state',
    ],
  ])('mend %s', (_, written, mended) => {
    expect(changed(written)).toBe(mended);
    const judgement = compileProbe(kernel, mended);
    expect(judgement.accepted).toBe(true);
    if (judgement.accepted) judgement.event?.[Symbol.dispose]();
  });

  it('declare what stands at the point of failure', () => {
    expect(hints('f vfs_read count->x').hints).toEqual(['count is size_t count, not a pointer']);
    expect(hints('f vfs_read file->nope').hints).toContain(
      'file is struct file *file; struct file has no member nope',
    );
    expect(hints('f vfs_read fiel').hints).toContain(
      'the function is ssize_t vfs_read(struct file *file, char *buf, size_t count, loff_t *pos)',
    );
  });

  it('offer offsets for a member behind the sixteenth anonymous one', () => {
    const definition = 'f netif_rx_internal skb->dev->stats.tx_aborted_errors';
    const mended = changed(definition);
    expect(mended).toMatch(/^f netif_rx_internal tx_aborted_errors=\+\d+\(\+\d+\(skb\)\):u64$/);
    const [plain, near] = [mended, definition.replace('tx_aborted_errors', 'rx_packets')].map(line => {
      const judgement = compileProbe(kernel, line);
      if (!judgement.accepted || judgement.event === undefined) throw new Error(line);
      using event = judgement.event;
      return event.args[0]!.program.map(({ op }) => op);
    });
    expect(plain).toEqual(near);
  });

  it('lower a body that is too long to offsets, with the same program', () => {
    const chain = 'file->f_path.dentry->d_parent->d_parent';
    const long = `x=${chain}->d_parent->d_parent->d_name.name:string`;
    expect(changed(`f vfs_read ${long}`)).toMatch(/^f vfs_read x=(\+\d+\(){7}\$arg1\){7}:string$/);
    const last = refused(`f vfs_read ${long}`).diagnostics[0]!;
    expect(hintsFor(kernel, `f vfs_read ${long}`, last).hints[0]).toBe(
      `${long.length - 2} characters are written, 63 are allowed behind the name`,
    );
    const returning = `f vfs_read%return ${long}`;
    expect(changed(returning)).toMatch(/^f vfs_read%return x=(\+\d+\(){7}\$arg1\){7}:string$/);
  });

  it('tell which kernel a line needs, and how an older one says it', async () => {
    using older = openBundle(new URL('../data/kernels/6.1', import.meta.url).pathname);
    const definition = 'f:g/x vfs_read name=file->f_path.dentry->d_name.name:string count';
    const { hints: said } = hints(definition, older);
    expect(said[0]).toMatch(/^this needs Linux 6\.5 or newer .* 6\.1/);
    const lowered = changed(definition, older);
    expect(lowered).toMatch(/^p:g\/x vfs_read name=\+0\(\+40\(\+\d+\(\$arg1\)\)\):string count=\$arg3:u64$/);
    expect(compileProbe(older, lowered).accepted).toBe(true);
  });

  it('say why a function cannot be probed', () => {
    expect(hints('p do_int3').hints[0]).toContain('blacklist');
    expect(hints('f jiffies').hints).toEqual([
      'jiffies is data, not a function: as an argument @jiffies reads it',
    ]);
    const changedByCompiler = kernel.functions
      .names()
      .find(
        name =>
          /^\w+\.(isra|constprop)\.0$/.test(name) && kernel.symbols.find(name.split('.')[0]!).length === 0,
      )!;
    const plain = changedByCompiler.split('.')[0]!;
    expect(hints(`f ${plain}`).hints[0]).toContain(`the compiler changed ${plain}`);
    expect(hints(`f ${plain}`).suggestions.map(({ replacement }) => replacement)).toContain(
      changedByCompiler,
    );
  });

  it('rewrite a uprobe by name', () => {
    const definition = 'r:g/x /bin/sh:main+4%return x=$retval';
    const findUserSymbol = (path: string, symbol: string): UserSymbol =>
      path === '/bin/sh' && symbol === 'main' ? { offsets: [0x1230n] } : { offsets: [], problem: 'no' };
    const advised = withHints(kernel, definition, refused(definition), { findUserSymbol });
    const [diagnostic] = advised.diagnostics;
    expect(apply(definition, diagnostic!.suggestions?.[0])).toBe('r:g/x /bin/sh:0x1234%return x=$retval');
    expect(diagnostic!.hints.at(-1)).toContain('r:g/x /bin/sh:0x1234%return x=$retval');
    expect(advised).toMatchObject({ errno: 'EINVAL', log: [] });
  });

  it('leave the words of the kernel as they are', () => {
    const definition = 'f vfs_read %di fiel';
    const plain = refused(definition);
    const advised = withHints(kernel, definition, plain);
    const kernelsPart = ({ code, message, caret, command, errno }: (typeof plain.log)[number]) => [
      ...[code, message, caret, command, errno],
    ];
    expect(advised.log.map(kernelsPart)).toEqual(plain.log.map(kernelsPart));
    expect(advised.diagnostics.map(kernelsPart)).toEqual(plain.diagnostics.map(kernelsPart));
  });
});

describe('warnings', () => {
  it.each([
    ['text of a number', 'f vfs_read count:string', ['TEXT_OF_NUMBER']],
    ['a bit field behind text', 't sched_waking a=$comm b=p->in_iowait', ['BITFIELD_CLEARS_TEXT']],
    ['a bit field in front of text', 't sched_waking b=p->in_iowait a=$comm', []],
    ['a bit field with something behind it', 't sched_waking a=$comm b=p->in_iowait c=p->pid:u64', []],
    ['a bit field at a byte', 'f __x64_sys_read regs->fred_ss.vector', ['BITFIELD_WITH_NEIGHBOURS']],
    [
      'symstr in front of text',
      'p vfs_read x=$stack0:symstr y=$comm',
      ['SYMSTR_WRITES_BEHIND', 'SYMSTR_RUNS_ON'],
    ],
    ['an unknown tracepoint', 't sched_swich', ['UNKNOWN_TRACEPOINT']],
    ['a module that is not there', 'p no_module:x', ['MODULE_PENDING']],
    ['a place behind the function', 'p vfs_read+0x1000', ['OUTSIDE_FUNCTION']],
    ['a place in the function', 'p vfs_read+16', []],
    ['a pattern', 'f vfs_fsyn?', ['PATTERN']],
    ['several functions', 'f name_show', ['SEVERAL_FUNCTIONS']],
    ['an array of text behind char *', 'f vfs_mkdir x=dentry->d_name.name:string[2]', ['TEXT_ARRAY_FAULTS']],
    ['text behind the last brace', 'f vfs_read +0(file)x', ['TEXT_DROPPED']],
    ['an enum of one byte', 'f vfs_read file->f_inode->i_write_hint', ['ENUM_WITH_NEIGHBOURS']],
    ['nothing', 'f vfs_read file->f_path.dentry->d_name.name:string count', []],
  ])('of %s', (_, definition, expected) => {
    expect(codes(definition)).toEqual(expected);
  });

  it('point at what was written', () => {
    const definition = 'f vfs_read  $comm x=count:string';
    const [warning] = warnings(definition);
    expect(definition.slice(warning!.span.start, warning!.span.end)).toBe('x=count:string');
    expect(apply(definition, warning!.suggestions[0])).toBe('f vfs_read  $comm x=count');
  });
});
