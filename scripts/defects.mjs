// Shows one surprise of the kernel (docs/kernel-behaviour.md) on a real one, in the guest.
//
//   npm run defect                       the names, and what each shows
//   npm run defect -- NAME               boots 6.12-cloud and runs scripts/defects/NAME.sh in it
//   npm run defect -- NAME -k 6.1        on another kernel of the guest
//   npm run defect -- NAME --dangerous   also what can crash the guest's kernel
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const here = import.meta.dirname;
const folder = join(here, 'defects');
const guest = join(here, '..', 'test', 'kernel-guest', 'guest');
const scripts = readdirSync(folder)
  .filter(file => file.endsWith('.sh') && !file.startsWith('_'))
  .map(file => {
    const text = readFileSync(join(folder, file), 'utf8');
    const comment = name => new RegExp(`^# ${name}: (.*)$`, 'm').exec(text)?.[1];
    return {
      name: basename(file, '.sh'),
      shows: comment('shows'),
      kernel: comment('kernel'),
      module: comment('module'),
      processors: comment('processors'),
      dangerous: comment('dangerous'),
    };
  });

const flags = process.argv.slice(2);
const dangerous = flags.includes('--dangerous');
const kernelAt = flags.indexOf('-k');
const kernel = kernelAt < 0 ? undefined : flags[kernelAt + 1];
const names = flags.filter(
  (flag, at) => flag !== '--dangerous' && at !== kernelAt && (kernelAt < 0 || at !== kernelAt + 1),
);

if (names.length === 0) {
  const width = Math.max(...scripts.map(({ name }) => name.length));
  for (const { name, shows, dangerous: danger } of scripts)
    console.log(`${name.padEnd(width)}  ${shows}${danger === undefined ? '' : ' (needs --dangerous)'}`);
  process.exit(0);
}
const script = scripts.find(({ name }) => name === names[0]);
if (script === undefined || names.length > 1) {
  console.error(`defect: unknown name ${names.join(' ')} (without a name all are listed)`);
  process.exit(2);
}
if (script.dangerous !== undefined && !dangerous) {
  console.error(
    `defect: ${script.name} ${script.dangerous}; give --dangerous to run it in the guest all the same`,
  );
  process.exit(2);
}
const options = [
  'run',
  '-k',
  kernel ?? script.kernel ?? '6.12-cloud',
  '-t',
  '300',
  '-f',
  `${folder}:/data/defects`,
];
if (script.module !== undefined) options.push('-m', script.module);
if (script.processors !== undefined) options.push('-s', script.processors);
// On a busy machine the emulated timer may be late at boot; without this the kernel gives up.
const env = { ...process.env, GUEST_APPEND: `${process.env.GUEST_APPEND ?? ''} no_timer_check` };
const { status } = spawnSync('bash', [guest, ...options, '--', `sh /data/defects/${script.name}.sh`], {
  stdio: 'inherit',
  env,
});
// A kernel that stopped is what a dangerous one shows.
process.exit(script.dangerous === undefined ? (status ?? 1) : 0);
