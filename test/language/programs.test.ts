import { describe, expect, it } from 'vitest';
import { compiled, programText } from './kernel.js';

/** The program of the last argument. */
const program = (definition: string): string => programText(compiled(definition).args.at(-1)!.program);

describe('fetch programs (spec 04 section 5)', () => {
  it.each([
    ['p vfs_read %ax', 'REG ax; ST_RAW 8; END'],
    ['p vfs_read %ax:s16', 'REG ax; ST_RAW 2; END'],
    ['p vfs_read %ax:b4@8/32', 'REG ax; ST_RAW 4; MOD_BF 4,20,28; END'],
    ['p vfs_read $stack3', 'STACK 3; ST_RAW 8; END'],
    ['p vfs_read @jiffies:u32', 'SYMBOL jiffies,0; IMM 0; ST_MEM 0,4; END'],
    ['p vfs_read @jiffies+8', 'SYMBOL jiffies,8; IMM 0; ST_MEM 0,8; END'],
    ['p vfs_read @0x1000', 'IMM 4096; ST_MEM 0,8; END'],
    ['p vfs_read +8(-16(%di)):u8[4]', 'REG di; DEREF -16; ST_MEM 8,1; LP_ARRAY 4; END'],
    ['p vfs_read +0(%si):string', 'REG si; ST_STRING 0,4; END'],
    ['p vfs_read +u0(%si):string', 'REG si; ST_USTRING 0,4; END'],
    ['p vfs_read -u4(%si):x8', 'REG si; ST_UMEM -4,1; END'],
    ['p vfs_read +0x10(%si):string[3]', 'REG si; DEREF 16; ST_STRING 0,4; LP_ARRAY 3; END'],
    ['p vfs_read $comm', 'COMM; ST_STRING 0,4; END'],
    ['p vfs_read \\"ab"', 'DATA ab; ST_STRING 0,4; END'],
    ['p vfs_read \\-1:s32', 'IMM 18446744073709551615; ST_RAW 4; END'],
    ['p vfs_read $stack0:symstr', 'STACK 0; ST_SYMSTR 0,4; END'],
    ['p vfs_read +8($stack):symstr', 'STACKP; DEREF 8; ST_SYMSTR 0,4; END'],
    ['f vfs_open path', 'ARG 0; ST_RAW 8; END'],
    ['f vfs_open path->dentry', 'ARG 0; ST_MEM 8,8; END'],
    ['f vfs_open path->dentry->d_name.name:string', 'ARG 0; DEREF 8; DEREF 40; ST_STRING 0,4; END'],
    ['f vfs_open path->dentry->d_iname:string', 'ARG 0; DEREF 8; ST_STRING 56,4; END'],
    ['f do_sys_openat2 filename:ustring', 'ARG 1; ST_USTRING 0,4; END'],
    ['t sched_switch next->in_iowait', 'ARG 3; ST_MEM 2360,4; MOD_BF 8,59,63; END'],
    ['f vfs_read%return count', 'EDATA 0; ST_RAW 8; END'],
    ['f vfs_read $retval', 'RETVAL; ST_RAW 8; END'],
    ['f vfs_open path->dentry:%pd', 'ARG 0; DEREF 8; DEREF 40; ST_STRING 0,4; END'],
    ['f vfs_read file:%pD', 'ARG 0; DEREF 72; DEREF 40; ST_STRING 0,4; END'],
  ])('%s', (definition, expected) => {
    expect(program(definition)).toBe(expected);
  });

  it('accumulates the offsets of anonymous members', () => {
    // d_name is a qstr whose hash and len lie in an anonymous struct in an anonymous union.
    expect(program('f vfs_open path->dentry->d_name.len')).toBe('ARG 0; DEREF 8; ST_MEM 36,4; END');
  });

  it('saves arguments once at entry for use at return, in order of first use', () => {
    const event = compiled('f vfs_read%return count $retval file->f_pos pos=$arg3 file');
    expect(programText(event.entryProgram)).toBe('ARG 2; ST_EDATA 0; ARG 0; ST_EDATA 8; END');
    expect(event.args.map(argument => programText(argument.program))).toEqual([
      'EDATA 0; ST_RAW 8; END',
      'RETVAL; ST_RAW 8; END',
      'EDATA 8; ST_MEM 112,8; END',
      'EDATA 0; ST_RAW 8; END',
      'EDATA 8; ST_RAW 8; END',
    ]);
  });
});
