// What a hit costs the traced task, in each way there is and with bpftrace, in one guest, in turn: microseconds a read of
// one byte more than without a tracer; and for eBPF the bytes of the programs and the kernel's own time of a run.
// Needs `npm run build`, the guest (README), bpftrace and bpftool.
//   node bench/hits.mjs [ROUNDS [KERNEL]]
import { median, runInGuest } from './guest/boot.mjs';

const [rounds = '5', kernel = '6.12-cloud'] = process.argv.slice(2);
const results = runInGuest({
  kernel,
  folder: 'hits-guest',
  programs: ['bpftrace', 'bpftool'],
  args: [rounds],
});
const bare = results.none.perRead;
const cost = name => results[name].perRead.map((time, i) => time - bare[i]);
const peer = cost('bpftrace');
console.log(
  `${kernel} guest, ${rounds} rounds, medians; a read without tracer takes ${median(bare).toFixed(1)} µs\n`,
);
console.log('| way | µs a hit | of bpftrace | bytes translated / machine code | ns a run of the program |');
console.log('|---|---:|---:|---:|---:|');
for (const name of Object.keys(results).filter(name => name !== 'none')) {
  const own = cost(name);
  const ratio = median(own.map((time, i) => time / peer[i])).toFixed(2);
  const main = results[name].programs.reduce(
    (most, next) => (next.run_cnt > (most?.run_cnt ?? 0) ? next : most),
    undefined,
  );
  const code =
    main === undefined ? '– | –' : `${main.bytes_xlated} / ${main.bytes_jited} | ${main.nsPerRun.toFixed(0)}`;
  console.log(`| ${name} | ${median(own).toFixed(1)} | ${ratio} | ${code} |`);
}
