import { describe, expect, test } from 'vitest';
import { parseFirstWord, unwritable, writtenLine } from '../../../src/backends/tracefs/written-line.js';

describe('the line that is written', () => {
  test.each([
    ['f vfs_read  file', 'vfs_read__entry', 'f:ours/vfs_read__entry vfs_read file'],
    ['f:mine vfs_read', 'mine', 'f:ours/mine vfs_read'],
    ['r10:grp/ev vfs_read $retval', 'ev', 'r10:ours/ev vfs_read $retval'],
    ['p:grp.ev vfs_read', 'ev', 'p:ours/ev vfs_read'],
    ['p:grp/ vfs_read', '', 'p:ours/ vfs_read'],
    ['t:g-x/ev sched_switch', 'ev', 't:ours/ev sched_switch'],
  ])('%s', (definition, event, line) => {
    expect(writtenLine(definition, parseFirstWord(definition)!, 'ours', event).line).toBe(line);
  });

  test.each(['f:1bad/ev vfs_read', 'f:/ev vfs_read', 'f: vfs_read', `f:${'g'.repeat(64)}/e vfs_read`, ''])(
    '%s is not asked about, as its group or name is to blame',
    definition => expect(parseFirstWord(definition)).toBeUndefined(),
  );
});

describe('what the kernel says is told in the words of the user', () => {
  const definition = 'f:mygroup/event vfs_read   file->nope';
  const written = writtenLine(definition, parseFirstWord(definition)!, 'btfp_1_2_0', 'event');
  const shown = 'f:mygroup/event vfs_read file->nope';

  test('the command', () => {
    expect(written.restoreCommand(written.line)).toBe(shown);
    expect(written.restoreCommand('something else')).toBe('something else');
  });
  test.each(['nope', 'vfs_read', 'event', 'mygroup', 'f:'])('a caret at %s', at => {
    const inWritten = written.line.replace('btfp_1_2_0', 'mygroup').indexOf(at);
    const shift =
      at === 'nope' || at === 'vfs_read' || at === 'event' ? 'btfp_1_2_0'.length - 'mygroup'.length : 0;
    expect(written.restoreCaret(inWritten + shift)).toBe(shown.indexOf(at));
  });
  test('a caret past the end', () => {
    expect(written.restoreCaret(written.line.length + 1)).toBe(shown.length + 1);
  });
  test('a definition without a name', () => {
    const plain = writtenLine('f vfs_read x', parseFirstWord('f vfs_read x')!, 'ours', 'vfs_read__entry');
    expect(plain.restoreCommand(plain.line)).toBe('f vfs_read x');
    expect(plain.restoreCaret(plain.line.length - 1)).toBe('f vfs_read x'.length - 1);
    expect(plain.restoreCaret(0)).toBe(0);
  });
});

test.each([
  'a\nb',
  'a\0b',
  'p vfs_read # x',
  'p vfs_read \u20ac',
  'f vfs_read $arg999999999999999999999',
  'f vfs_read count\t$arg4294967290:u8',
  'r vfs_read $arg2147483650',
])('%j is never written', definition => {
  expect(unwritable(definition)).toBeTypeOf('string');
});
test.each([
  'p:a/b vfs_read x=\\"\xe9"',
  'f vfs_read $arg0 $arg1 $arg2147483648 $arg4294967296',
  'f vfs_read x=$arg4294967290',
])('%j is written', definition => {
  expect(unwritable(definition)).toBeUndefined();
});
