import { type Btf, BtfKind } from '../../btf/index.js';
import type { Kernel } from '../../kernel/index.js';
import { type Check, check, type Finding } from './check.js';

/**
 * What a kernel was built with, whoever runs it: told from its dialect and its own types, so that it can be said of a
 * bundle as well.
 */
export function kernelChecks(kernel: Kernel): readonly Check[] {
  const { dialect, types } = kernel;
  const said = (feature: boolean, what: string): Finding =>
    feature
      ? { state: 'ok', evidence: `the kernel understands ${what}` }
      : { state: 'missing', evidence: `the kernel does not understand ${what}` };
  return [
    check('probes.function', said(dialect.fprobe, 'f lines')),
    check('probes.tracepoint', said(dialect.tprobe, 't lines')),
    check('probes.kprobe', ofStruct(types, 'trace_kprobe', 'CONFIG_KPROBE_EVENTS')),
    check('probes.uprobe', ofStruct(types, 'trace_uprobe', 'CONFIG_UPROBE_EVENTS')),
    check('probes.event', said(dialect.eprobe, 'e lines')),
    check('probes.names', namesOf(kernel)),
    check('bpf.syscall', ofStruct(types, 'bpf_prog_aux', 'CONFIG_BPF_SYSCALL')),
    check('bpf.ring-buffer', ofEnumerator(types, 'bpf_map_type', 'BPF_MAP_TYPE_RINGBUF')),
    check('bpf.trampolines', trampolines(kernel)),
    check('bpf.kprobe-multi', ofStruct(types, 'bpf_kprobe_multi_link', 'CONFIG_FPROBE')),
  ];
}

const noTypes: Finding = { state: 'unknown', evidence: "the kernel's types are not known" };

function namesOf({ dialect, types }: Kernel): Finding {
  if (!dialect.btfArgs) {
    return {
      state: 'missing',
      evidence: 'the kernel understands neither names of parameters nor fields',
      advice: ['lines are lowered to registers and offsets: btfprobe lower --help'],
    };
  }
  if (types === undefined) {
    return {
      state: 'missing',
      evidence: 'the kernel understands names, but carries no types to find them in',
    };
  }
  const parts = [
    'parameters',
    ...(dialect.btfFields ? ['fields'] : []),
    ...(dialect.returnArgs ? ['parameters at return'] : []),
  ];
  return { state: 'ok', evidence: `the kernel understands ${parts.join(', ')}` };
}

/** A struct that is compiled only with an option shows the option. */
function ofStruct(types: Btf | undefined, struct: string, option: string): Finding {
  if (types === undefined) return noTypes;
  return types.find(struct, BtfKind.Struct) === undefined
    ? { state: 'missing', evidence: `no struct ${struct} in its types: built without ${option}` }
    : { state: 'ok', evidence: `struct ${struct} in its types` };
}

function ofEnumerator(types: Btf | undefined, name: string, enumerator: string): Finding {
  if (types === undefined) return noTypes;
  const found = types.find(name, BtfKind.Enum);
  const known = found !== undefined && types.enumerators(found).some(one => one.name === enumerator);
  return known
    ? { state: 'ok', evidence: `${enumerator} in its types` }
    : { state: 'missing', evidence: `no ${enumerator} in its types: Linux before 5.8, or without BPF` };
}

/** fentry and fexit need trampolines that ftrace calls directly (spec 15 section 15.8). */
function trampolines({ types }: Kernel): Finding {
  if (types === undefined) return noTypes;
  if (types.findFunction('bpf_trampoline_link_prog') === undefined) {
    return {
      state: 'missing',
      evidence: 'no bpf_trampoline_link_prog() in its types: Linux before 5.5, or no BPF_JIT',
    };
  }
  const direct = ['register_ftrace_direct', 'register_ftrace_direct_multi'].find(
    name => types.findFunction(name) !== undefined,
  );
  return direct === undefined
    ? {
        state: 'missing',
        evidence:
          'no register_ftrace_direct() in its types: built without CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS',
      }
    : { state: 'ok', evidence: `bpf_trampoline_link_prog() and ${direct}() in its types` };
}
