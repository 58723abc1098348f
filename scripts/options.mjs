import { parseArgs } from 'node:util';

/**
 * The options of a script, as `parseArgs` has them. `check` throws a `TypeError` for values that cannot be. Wrong use is said on
 * stderr and ends the process with 2.
 */
export function readOptions(script, options, check = () => {}) {
  try {
    const { values } = parseArgs({ options });
    check(values);
    return values;
  } catch (error) {
    console.error(`${script}: ${error.message}`);
    process.exit(2);
  }
}

/** Throws a `TypeError` for values that are no whole numbers. */
export function checkWholeNumbers(values, ...names) {
  for (const name of names)
    if (!/^\d{1,10}$/.test(values[name]))
      throw new TypeError(`--${name} needs a whole number, not '${values[name]}'`);
}
