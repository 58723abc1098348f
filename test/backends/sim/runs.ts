import type { TraceOptions, TraceTarget } from '../../../src/backends/index.js';
import { createSimBackend, type SimOptions, type SimSession } from '../../../src/backends/sim/index.js';
import { JsonLines } from '../../../src/formats/index.js';
import { openDefaultKernel } from '../../../src/host/index.js';
import type { FetchState } from '../../../src/language/index.js';
import { type FieldValue, type LostEvents, TraceText, ValueReader } from '../../../src/records/index.js';

/** The built-in kernel, opened once for all runs: nothing in a run changes it. */
export const kernel = openDefaultKernel();

/** A definition, or `group:event` for an event that exists. */
export function targetOf(text: string): TraceTarget {
  const event = /^(\w+):(\w+)$/.exec(text);
  return event ? { event: { group: event[1]!, name: event[2]! } } : { definition: text };
}

/** What one record said, copied out of its batch. */
export interface SeenRecord {
  readonly name: string;
  readonly definition: string | undefined;
  readonly cpu: number;
  readonly time: bigint;
  readonly pid: number;
  readonly comm: string;
  readonly args: Readonly<Record<string, FieldValue>>;
  readonly states: ReadonlyMap<string, FetchState>;
  readonly symbol: string | undefined;
}

/** What a whole run said. */
export interface Run {
  readonly records: SeenRecord[];
  readonly lost: LostEvents[];
  readonly text: string;
  readonly json: string;
  readonly session: SimSession;
}

export async function openRun(
  targets: readonly string[],
  options: SimOptions = {},
  trace: TraceOptions = {},
): Promise<SimSession> {
  return createSimBackend({ paced: false, ...options }).open(kernel, targets.map(targetOf), trace);
}

/** Runs until the session ends; `onBatch` may change the machine between batches. */
export async function finish(
  session: SimSession,
  onBatch: (seen: readonly SeenRecord[]) => void = () => {},
): Promise<Run> {
  const symbols = session.kernel.symbols;
  const text = new TraceText({ symbols });
  const json = new JsonLines({ symbols });
  const values = new ValueReader({ symbols });
  const records: SeenRecord[] = [];
  const lost: LostEvents[] = [];
  for await (const batch of session) {
    text.batch(batch);
    json.batch(batch);
    lost.push(...batch.lost);
    for (const record of batch.records) {
      const { args, ip, func } = values.read(record);
      const { event, cpu, time, pid, comm, states = new Map() } = record;
      const symbol = (ip ?? func)?.symbol?.name;
      records.push({
        name: event.name,
        definition: event.definition,
        cpu,
        time,
        pid,
        comm,
        args,
        states,
        symbol,
      });
    }
    onBatch(records);
  }
  const decoder = new TextDecoder('latin1');
  return {
    records,
    lost,
    text: decoder.decode(text.take()),
    json: new TextDecoder().decode(json.take()),
    session,
  };
}

/** A whole run, disposed. */
export async function run(
  targets: readonly string[],
  options: SimOptions = {},
  trace: TraceOptions = {},
): Promise<Run> {
  await using session = await openRun(targets, options, trace);
  return await finish(session);
}
