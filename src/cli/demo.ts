import { createSimBackend } from '../backends/sim/index.js';
import { openDefaultKernel } from '../host/index.js';
import { ExitCode } from './exit-code.js';
import { type Paint, paintFor } from './paint.js';
import { streamOf } from './standard-streams.js';
import { StandardOutput } from './trace-output.js';
import { RecordPrinter } from './trace-records.js';

export interface DemoOptions {
  readonly json?: boolean;
}

interface Example {
  readonly definition: string;
  readonly about: string;
}

const examples: readonly Example[] = [
  {
    definition: 't sched_switch next=next->pid vruntime=next->se.vruntime',
    about: "fields of a tracepoint's argument: who runs next, and for how long it ran",
  },
  {
    definition: 'f getname_flags%return path=$retval->name:string',
    about: 'a field of what a function returns, as text',
  },
  { definition: 'f vfs_read file count pos=file->f_pos', about: 'arguments of a function by their names' },
  {
    definition: 't kmem_cache_alloc obj_size=s->object_size',
    about: 'the size of the objects of a slab cache',
  },
  {
    definition: 't sched_wakeup p->se.group_node.next->prev',
    about: 'a longer chain: two structs, then a pointer',
  },
  { definition: 'f kfree $arg*', about: 'all arguments of a function' },
  { definition: 'f:myevent vfs_read $retval', about: '$retval makes it a return event' },
];

const recordsOfEach = 4;

/** `btfprobe demo`: each example on the simulated kernel, as fast as that can be computed. */
export async function demo({ json }: DemoOptions): Promise<ExitCode> {
  using kernel = openDefaultKernel();
  const output = new StandardOutput();
  const paint = paintFor(streamOf(1));
  const backend = createSimBackend({ paced: false });
  const print = async (definition: string, format: 'text' | 'json', count: number): Promise<void> => {
    await using session = await backend.open(kernel, [{ definition }]);
    const printer = await RecordPrinter.open(session, { format, counter: [] }, output);
    await printer.print(count);
  };
  if (!json) await output.write(`A simulated kernel in memory, with the types of ${kernel.release}.\n`);
  for (const { definition, about } of examples) {
    if (!json) await output.write(heading(definition, about, paint));
    await print(definition, json ? 'json' : 'text', recordsOfEach);
    // The simulated kernel does the same again: the first record once more, with its types.
    if (!json) await print(definition, 'json', 1);
    if (output.closed) break;
  }
  if (!json)
    await output.write(
      `\n${paint.faint("Next: btfprobe explain 'f vfs_read file count pos=file->f_pos'")}\n`,
    );
  await output.finish();
  return ExitCode.ok;
}

function heading(definition: string, about: string, paint: Paint): string {
  return `\n${paint.strong(definition)}\n${paint.faint(`# ${about}`)}\n`;
}
