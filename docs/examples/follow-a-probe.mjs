// Ten typed records of one probe, from the simulated kernel. For a real one, as root: import { tracefsBackend } from
// 'btfprobe/backends/tracefs' and openLiveKernel from 'btfprobe/host'; the rest is the same.
//
//   node docs/examples/follow-a-probe.mjs
import { simBackend } from 'btfprobe/backends/sim';
import { openDefaultKernel } from 'btfprobe/host';
import { ValueReader } from 'btfprobe/records';

const wanted = 10;
const kernel = openDefaultKernel();
const session = await simBackend.open(kernel, [
  { definition: 'f vfs_read name=file->f_path.dentry->d_name.name:string count pos=file->f_pos' },
]);
try {
  const values = new ValueReader({ symbols: kernel.symbols });
  let seen = 0;
  // One turn a batch; a record's bytes are valid until the next turn, values for as long as you keep them.
  for await (const { records, lost } of session) {
    for (const { cpu, count } of lost) console.log(`${count ?? 'some'} records lost on CPU ${cpu}`);
    for (const record of records.slice(0, wanted - seen)) {
      const { name, count, pos } = values.read(record).args;
      // 64-bit fields are bigint: exact, whatever their value.
      console.log(`${record.time} ${record.comm}[${record.pid}] reads ${count} bytes of ${name} at ${pos}`);
      seen++;
    }
    if (seen === wanted) break;
  }
} finally {
  await session[Symbol.asyncDispose](); // detaches; nothing stays behind
  kernel[Symbol.dispose]();
}
