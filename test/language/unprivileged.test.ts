import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { createKernel, type Kernel, type KernelPart, parseFacts } from '../../src/kernel/index.js';
import { compileProbe } from '../../src/language/index.js';

// What may be said of a kernel to who is not root: types and names, no addresses and nothing of tracefs.

const part = (name: string) =>
  gunzipSync(readFileSync(new URL(`../../kernels/6.12-cloud/${name}.gz`, import.meta.url)));

function kernelOf(parts: Partial<Record<KernelPart, Uint8Array>>): Kernel & Disposable {
  return createKernel({
    name: 'made',
    facts: parseFacts(readFileSync(new URL('../../kernels/6.12-cloud/facts.json', import.meta.url))),
    read: name => parts[name],
    typedModules: () => [],
    moduleBtf: () => undefined,
  });
}

const symbols = part('kallsyms');
const hidden = Buffer.from(symbols.toString('latin1').replace(/^[0-9a-f]{16}/gm, '0'.repeat(16)), 'latin1');
const types = part('vmlinux.btf');
const tracepoints = part('tracepoints');
const kernels = {
  'without addresses': kernelOf({ 'vmlinux.btf': types, kallsyms: hidden, tracepoints }),
  'with addresses, without tracefs': kernelOf({ 'vmlinux.btf': types, kallsyms: symbols, tracepoints }),
};
afterAll(() => {
  for (const kernel of Object.values(kernels)) kernel[Symbol.dispose]();
});

for (const [name, kernel] of Object.entries(kernels)) {
  test.each([
    ['f vfs_read name=file->f_path.dentry->d_name.name:string', undefined],
    ['f vfs_re*', undefined],
    ['f vfs_read%return $retval', undefined],
    ['t sched_switch next->pid', undefined],
    ['p vfs_read count', undefined],
    ['r vfs_read ret=$retval count', undefined],
    ['f vfs_read text=@linux_banner:string', undefined],
    ['f vfs_read text=@no_such_symbol:string', 'ENOENT'],
    ['f no_such_function', 'EINVAL'],
    ['p no_such_function', 'EINVAL'],
    ['f vfs_read nothing', 'ENOENT'],
    ['p fixed_percpu_data', 'EINVAL'],
  ])(`${name}: %s`, (definition, errno) => {
    const judgement = compileProbe(kernel, definition);
    expect(judgement.accepted ? undefined : judgement.errno).toBe(errno);
  });
}
