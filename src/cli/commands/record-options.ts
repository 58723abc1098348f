import { type Command, Option } from 'commander';
import { formatNames, recordFormats } from '../record-formats.js';
import { filterText, repeatable } from './option-values.js';

export function formatOption(): Option {
  const abouts = formatNames.map(name => `${name}: ${recordFormats[name].about}`);
  return new Option('--format <format>', abouts.join('; ')).choices(formatNames).default('text');
}

export function jsonOption(): Option {
  return new Option('--json', 'the same as --format json').implies({ format: 'json' });
}

/** A `preAction` hook: `--json` beside another format is a mistake, whichever of them was meant. */
export function refuseOtherFormat(command: Command): void {
  const { json, format } = command.opts();
  if (json === true && format !== 'json')
    command.error(`error: option '--json' cannot be used with option '--format ${format}'`);
}

export function counterOption(): Option {
  return repeatable('--counter <event.arg>', 'a number to draw over time, chrome and perfetto only');
}

export function valuesOption(): Option {
  return new Option(
    '--values <style>',
    'rich: names of enums, flags and errors, addresses, how each value was had; plain: as recorded (default: plain in csv and parquet, else rich)',
  ).choices(['rich', 'plain']);
}

export function filterOption(): Option {
  return new Option(
    '--filter <filter>',
    "only hits that pass, in the kernel's filter language: 'count > 100 && comm == \"cat\"'",
  ).argParser(filterText);
}
