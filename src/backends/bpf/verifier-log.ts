/** What a verifier's log says in short. */
export interface VerifierReason {
  /** The reason: the last line before the statistics. */
  readonly line: string;
  /** Slot of the instruction that it was checking; `undefined` where the log does not say. */
  readonly slot: number | undefined;
}

/** Finds the reason in a verifier's log (spec 15 R15-40); `undefined` in an empty one. */
export function verifierReason(log: string): VerifierReason | undefined {
  const lines = log.split('\n').filter(line => line.trim() !== '');
  const statistics = lines.findIndex(line => /^processed \d+ insns/.test(line));
  const told = statistics < 0 ? lines : lines.slice(0, statistics);
  const line = told.at(-1);
  if (line === undefined) return undefined;
  const instruction = told.findLast(one => /^\d+: \([0-9a-f]{2}\)/.test(one));
  return {
    line: line.trim(),
    slot: instruction === undefined ? undefined : Number.parseInt(instruction, 10),
  };
}
