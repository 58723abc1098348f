import { type Stats, statSync } from 'node:fs';

/** The number of processors that a list such as `0-3,8` of `/sys/devices/system/cpu/possible` names; at least 1. */
export function parseCpuList(list: string): number {
  let count = 0;
  for (const range of list.trim().split(',')) {
    const parts = /^([0-9]{1,6})(?:-([0-9]{1,6}))?$/.exec(range);
    if (parts !== null) count += Math.max(0, Number(parts[2] ?? parts[1]) - Number(parts[1]) + 1);
  }
  return Math.max(1, count);
}

/**
 * The options of a kernel configuration, plain or gzip: `CONFIG_X=y` and `# CONFIG_X is not set` (`n`). Values are
 * numbers where they are decimal or hexadecimal, and texts without their quotes. An unreadable archive gives no options.
 */
export function parseConfig(bytes: Uint8Array): ReadonlyMap<string, string | number> {
  const options = new Map<string, string | number>();
  for (const line of unpack(bytes).split('\n')) {
    const set = /^(CONFIG_\w+)=(.*)$/.exec(line);
    const unset = /^# (CONFIG_\w+) is not set$/.exec(line);
    if (set !== null) options.set(set[1]!, configValue(set[2]!));
    if (unset !== null) options.set(unset[1]!, 'n');
  }
  return options;
}

function configValue(text: string): string | number {
  if (/^(0x[0-9a-fA-F]{1,13}|-?[0-9]{1,15})$/.test(text)) return Number(text);
  return text.replace(/^"(.*)"$/, '$1');
}

function unpack(bytes: Uint8Array): string {
  try {
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return Buffer.from(isPacked ? gunzip(bytes) : bytes).toString('latin1');
  } catch {
    return '';
  }
}

function gunzip(bytes: Uint8Array): Uint8Array {
  // With it Node loads all it has of streams: only who decompresses pays for that.
  const { gunzipSync } = process.getBuiltinModule('node:zlib');
  return gunzipSync(bytes, { maxOutputLength: 16 << 20 });
}

/**
 * The files of this machine, looked at when asked for: `get` and `has` follow links, and relative names begin where the
 * process stands. Nothing is listed: there is no end to them.
 */
export class MachineFiles extends Map<string, string> {
  override get(path: string): string | undefined {
    const facts = statOrNothing(path);
    if (facts === undefined) return undefined;
    if (facts.isFile()) return 'regular';
    if (facts.isDirectory()) return 'directory';
    return facts.isBlockDevice() || facts.isCharacterDevice() ? 'device' : 'other';
  }

  override has(path: string): boolean {
    return statOrNothing(path) !== undefined;
  }
}

function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
