import type { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { exitCodes } from './help.js';

export function addBundle(program: Command, done: (code: ExitCode) => void): void {
  const bundle = program
    .command('bundle')
    .description('Write and show bundles: what must be known of a kernel to judge definitions for it.');
  bundle
    .command('create')
    .description('Write a bundle of the kernel that runs here, as much of it as this user may read.')
    .argument('<out>', 'a folder to make; or one compressed file, when it ends in .btfbundle')
    .option('--modules <list>', 'modules whose types it holds: all that are loaded, none, or a,b,c', 'all')
    .option('--json', 'one JSON object: docs/cli.md')
    .addHelpText(
      'after',
      `
Files of /proc, /sys and /boot are read, and nothing else: nothing is attached or mounted. What is
missing is said with the reason. Root reads most.

Examples:
  # btfprobe bundle create my-kernel.btfbundle
  $ btfprobe bundle create ./my-kernel --modules xfs,nf_conntrack
  $ btfprobe check --kernel ./my-kernel 'f vfs_read count'
${exitCodes({ 0: 'done; gaps are no failure' })}`,
    )
    .action(async (out: string, options) => {
      const { createBundleHere } = await import('../bundle.js');
      done(await createBundleHere(out, options));
    });
  bundle
    .command('show')
    .description('Say what a bundle holds, what it lacks, and what that means for answers.')
    .argument('<bundle>', 'a folder or a .btfbundle')
    .option('--json', 'one JSON object: docs/cli.md')
    .addHelpText(
      'after',
      `\nExample:\n  $ btfprobe bundle show my-kernel.btfbundle\n${exitCodes({ 0: 'done; gaps are no failure' })}`,
    )
    .action(async (path: string, options) => {
      const { showBundle } = await import('../bundle.js');
      done(await showBundle(path, options));
    });
}
