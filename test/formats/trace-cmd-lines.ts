// What trace-cmd and the kernel write differently of one record. `trace-cmd report -N` (without its plug-ins) has no
// flags; prints addresses of probe events as numbers, function first; has no size behind a symbol's offset; has zeros for
// an array of a probe event and wrong flags where a format masks them; writes %p with 0x; prints system calls and what was written into
// trace_marker by their formats; calls losses by another name.

interface Line {
  readonly comm: string;
  readonly pid: string;
  readonly cpu: string;
  readonly time: string;
  readonly body: string;
}

const OURS = /^ *(.{1,16}?)-(\d+) +\[(\d+)\] \S{5} +([\d.]+): (.*)$/;
const THEIRS = /^(?:(\w+): +)? *(.{1,16}?)-(\d+) +\[(\d+)\] +([\d.]+): +(\S+): *(.*)$/;

/** Our text in the form that both can be brought to. */
export function commonLines(text: string): (Line | string)[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [, comm, pid, cpu, time, body] = OURS.exec(line) ?? [];
      if (body === undefined) return line;
      return { comm: comm!, pid: pid!, cpu: cpu!, time: time!, body: commonBody(body) };
    });
}

/** trace-cmd's text of one buffer in that form. */
export function judgedLines(text: string, buffer: string): (Line | string)[] {
  return text.split('\n').flatMap((line): (Line | string)[] => {
    const dropped = /^CPU:(\d+) \[(?:(\d+) )?EVENTS DROPPED\]$/.exec(line);
    if (dropped !== null) return [`CPU:${dropped[1]} [LOST ${dropped[2] ? `${dropped[2]} ` : ''}EVENTS]`];
    const [, name = '', comm, pid, cpu, time, event, body] = THEIRS.exec(line) ?? [];
    if (event === undefined || name !== buffer) return [];
    return [{ comm: comm!, pid: pid!, cpu: cpu!, time: time!, body: judgedBody(event, body!) }];
  });
}

function commonBody(body: string): string {
  return body
    .replace(/arr=\{[^}]*\}/, 'arr={}')
    .replace(/\((\S+?) <- (\S+)\)/, '(PLACE)')
    .replace(/^(\w+): \((?:\S+\+0x[\da-f]+\/0x[\da-f]+|0x[\da-f]+)\)/, '$1: (PLACE)')
    .replace(/\+0x([\da-f]+)\/0x[\da-f]+/g, '+0x$1')
    .replace(/(timer=.* flags=).*$/, '$1')
    .replace(/^(\w+): +/, '$1: ')
    .trimEnd();
}

function judgedBody(event: string, body: string): string {
  const enter = /^sys_enter_(\w+)$/.exec(event);
  if (enter !== null) {
    const args = body.replace(/: 0x0*([\da-f])/g, ': $1');
    return `sys_${enter[1]}(${args.trimEnd()})`;
  }
  const exit = /^sys_exit_(\w+)$/.exec(event);
  if (exit !== null) return `sys_${exit[1]} -> ${body.trimEnd()}`;
  if (event === 'print') return body.trimEnd();
  return `${event}: ${body
    .replace(/arr=\{[^}]*\}/, 'arr={}')
    .replace(/timer=0x/, 'timer=')
    .replace(/(timer=.* flags=).*$/, '$1')
    .replace(/^\([\da-f]{16}(?: <- [\da-f]{16})?\)/, '(PLACE)')
    .trimEnd()}`;
}
