import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A message: each field's values in their order. */
export interface Message {
  readonly [field: string]: readonly (Message | bigint | number | boolean | string)[];
}

const folder = fileURLToPath(new URL('.', import.meta.url));

/** A trace's packets as Google's protoc decodes them, with what it knows of fields from perfetto-trace.proto only. */
export function decodeTrace(bytes: Uint8Array): readonly Message[] {
  const { status, stdout, stderr, error } = spawnSync(
    'protoc',
    ['--decode=Trace', `--proto_path=${folder}`, 'perfetto-trace.proto'],
    { input: bytes, maxBuffer: 1 << 30 },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr.toString());
  const lines = stdout.toString('latin1').split('\n');
  let next = 0;
  const read = (): Message => {
    const message: Record<string, Message[string][number][]> = {};
    for (let line = lines[next++]!.trim(); line !== '}' && line !== ''; line = lines[next++]!.trim()) {
      const [, name, isMessage, value = ''] = /^(\w+)(?:( \{)|: (.*))$/.exec(line)!;
      message[name!] ??= [];
      message[name!]!.push(isMessage ? read() : scalar(value));
    }
    return message;
  };
  return (read()['packet'] ?? []) as Message[];
}

function scalar(text: string): bigint | number | boolean | string {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (!text.startsWith('"')) return Number.isNaN(Number(text)) ? text : Number(text);
  const bytes = text
    .slice(1, -1)
    .replace(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, other: string) =>
      octal === undefined
        ? ({ n: '\n', t: '\t', r: '\r' }[other] ?? other)
        : String.fromCharCode(Number.parseInt(octal, 8)),
    );
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes, 'latin1'));
}
