import { describe, expect, it } from 'vitest';
import { ProbeEvents } from '../../src/language/index.js';
import { kernel, refused } from './kernel.js';

const verdict = (definition: string) => {
  const { errno, log } = refused(definition);
  return { errno, codes: log.map(entry => entry.code), caret: log.at(-1)?.caret };
};

describe('refusals', () => {
  it('points at the field that is missing', () => {
    expect(verdict('f vfs_read file->nope')).toEqual({ errno: 'ENOENT', codes: ['NO_BTF_FIELD'], caret: 17 });
  });

  it('counts columns in the text after expansion, over the words before it', () => {
    expect(verdict('f vfs_read $arg* hoge')).toEqual({ errno: 'ENOENT', codes: ['NO_BTFARG'], caret: 22 });
    expect(verdict('f vfs_read $arg1:foo').caret).toBe(16);
  });

  it('leaves the column open where the kernel subtracts a heap address', () => {
    expect(verdict('f vfs_read file->f_path.dentry:string')).toEqual({
      errno: 'EINVAL',
      codes: ['BAD_TYPE4STR'],
      caret: undefined,
    });
  });

  it('logs two entries for a register on an fprobe', () => {
    expect(verdict('f vfs_read %ax').codes).toEqual(['BAD_VAR', 'BAD_FETCH_ARG']);
  });

  it('tells the first mistake as the verdict and all others after it', () => {
    const { errno, log, diagnostics } = refused('f:9x vfs_read fil count->x $stack:string buf');
    expect(errno).toBe('EINVAL');
    expect(log.map(entry => entry.code)).toEqual(['BAD_EVENT_NAME']);
    expect(diagnostics.map(entry => entry.code)).toEqual([
      'BAD_EVENT_NAME',
      'NO_BTFARG',
      'NO_PTR_STRCT',
      'BAD_STRING',
    ]);
  });

  it('blames bytes of the line as it was written, blanks and all', () => {
    const definition = '  f   vfs_read  x=file->nope';
    const [diagnostic] = refused(definition).diagnostics;
    expect(definition.slice(diagnostic!.span.start, diagnostic!.span.end)).toBe('nope');
    expect(diagnostic!.command).toBe('f vfs_read x=file->nope');
  });

  it('shows a rewritten %pd in the command', () => {
    expect(refused('f vfs_read x=foo:%pd').log[0]?.command).toBe('f vfs_read x=+0x0(+0x28(foo)):string');
  });

  it.each([
    ['one word', 'f'],
    ['an unknown kind', 'x vfs_read'],
    ['too many arguments', `f vfs_read ${Array.from({ length: 129 }, (_, i) => `a${i}=\\1`).join(' ')}`],
  ])('gives a reason of its own where the kernel logs none: %s', (_, definition) => {
    const { log, diagnostics } = refused(definition);
    expect(log).toEqual([]);
    expect(diagnostics[0]?.code).toBe('SILENT');
  });
});

describe('what stands already', () => {
  const errnoOf = (...lines: string[]): (string | null)[] => {
    using events = new ProbeEvents(kernel);
    return lines.map(line => {
      const judgement = events.define(line);
      return judgement.accepted ? null : judgement.errno;
    });
  };

  it('appends the same event at another place and refuses the same place twice', () => {
    expect(errnoOf('f:g/e vfs_read a=\\1', 'f:g/e vfs_write a=\\2', 'f:g/e vfs_read a=\\1')).toEqual([
      null,
      null,
      'EEXIST',
    ]);
  });

  it('takes one t event per tracepoint, and another one after that is deleted', () => {
    expect(errnoOf('t:a sched_switch', 't:b sched_switch', '-:a', 't:b sched_switch')).toEqual([
      null,
      'EEXIST',
      null,
      null,
    ]);
  });

  it('keeps an event that an eprobe is attached to', () => {
    expect(errnoOf('f:g/e vfs_read a=count', 'e:x g.e $a', '-:g/e', '-:x', '-:g/e')).toEqual([
      null,
      null,
      'EBUSY',
      null,
      null,
    ]);
  });

  it('deletes by group, by place and by arguments', () => {
    using events = new ProbeEvents(kernel);
    for (const line of ['f:g1/a vfs_read count', 'f:g1/b vfs_read', 'p:g2/a vfs_read']) events.define(line);
    expect(events.define('-:g1/a vfs_read x=count')).toMatchObject({ accepted: false, errno: 'ENOENT' });
    expect(events.define('-:g1/a vfs_read count=count')).toMatchObject({ accepted: true });
    expect(events.define('-:g1/')).toMatchObject({ accepted: true });
    expect(events.listing()).toEqual(['p:g2/a vfs_read']);
  });

  it('keeps the lines before the one that a write fails at', () => {
    using events = new ProbeEvents(kernel);
    expect(events.write('f:g/a vfs_read\nf:g/b nope_\nf:g/c vfs_read')).toMatchObject({
      accepted: false,
      errno: 'EINVAL',
    });
    expect(events.listing()).toEqual(['f:g/a vfs_read']);
  });
});
