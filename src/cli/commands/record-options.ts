import { Option } from 'commander';

// The table of formats is src/cli/record-formats.ts; it is not imported here, as the help must not load the writers.
const formats = ['text', 'json', 'csv'] as const;

export function formatOption(): Option {
  return new Option(
    '--format <format>',
    "text: the kernel's own trace lines; json: docs/json-schema.md; csv: docs/cli.md",
  )
    .choices(formats)
    .default('text');
}

export function valuesOption(): Option {
  return new Option(
    '--values <style>',
    'rich: names of enums, flags and errors, addresses, how each value was had; plain: as recorded (default: rich in json)',
  ).choices(['rich', 'plain']);
}
