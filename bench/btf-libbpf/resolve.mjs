// The same work as resolve.c with btfprobe: argv[2] = URL of the built btf room, argv[3] = raw BTF file.
import { readFileSync } from 'node:fs';

const [, , room, path] = process.argv;
const { Btf, BtfKind } = await import(room);

const start = process.hrtime.bigint();
const btf = Btf.parse(readFileSync(path));
const { proto } = btf.findFunction('vfs_read');
let { type } = btf.parameters(proto)[0];
const offsets = ['f_path', 'dentry', 'd_name', 'name'].map(name => {
  let struct = btf.skipModifiers(type);
  if (btf.kind(struct) === BtfKind.Ptr) struct = btf.referenced(struct);
  const member = btf.findMember(struct, name);
  type = member.type;
  return member.bitOffset / 8;
});
const spent = process.hrtime.bigint() - start;
console.log([spent, ...offsets].join(' '));
