// What would a 6.12 kernel say to this line? Runs anywhere: the facts of that kernel come with the package.
//
//   node docs/examples/check-a-line.mjs 'f vfs_read name=file->f_path.dentry->d_nam.name:string'
import { openDefaultKernel } from 'btfprobe/host';
import { compileProbe, fromByteString, toByteString } from 'btfprobe/language';

const line = process.argv[2] ?? 'f vfs_read name=file->f_path.dentry->d_name.name:string count';
const kernel = openDefaultKernel();
try {
  // The language is one of bytes: texts go in and come out as one character a byte.
  const judgement = compileProbe(kernel, toByteString(line));
  if (judgement.accepted) {
    const event = judgement.event; // undefined for a blank line
    if (event === undefined) console.log('accepted: nothing to do');
    else console.log(`accepted: ${fromByteString(`${event.group}/${event.name}`)}`);
    for (const field of event?.layout.fields ?? []) {
      console.log(`  ${field.name}: ${field.size} bytes at ${field.offset}`);
    }
    event?.[Symbol.dispose]();
  } else {
    console.log(`refused: ${judgement.errno}`);
    for (const { message, command, caret, hints } of judgement.diagnostics) {
      console.log(`  ${message}\n    ${fromByteString(command)}`);
      if (caret !== undefined) console.log(`    ${' '.repeat(caret)}^`);
      for (const hint of hints) console.log(`    ${fromByteString(hint)}`);
    }
    process.exitCode = 1;
  }
} finally {
  kernel[Symbol.dispose]();
}
