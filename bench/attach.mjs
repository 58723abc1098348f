// From start to the first record, and the time that a two-second trace takes beyond its two seconds: tracefs and eBPF
// against bpftrace, for the same probe in the same guest, in turn. Needs `npm run build`, the guest (README), bpftrace.
//   node bench/attach.mjs [ROUNDS [KERNEL]]
import { median, runInGuest } from './guest/boot.mjs';

const [rounds = '5', kernel = '6.12-cloud'] = process.argv.slice(2);
const results = runInGuest({ kernel, folder: 'attach-guest', programs: ['bpftrace'], args: [rounds] });
const peer = results.bpftrace;
const cell = (own, peers) =>
  own.length === 0
    ? '– | –'
    : `${(median(own) / 1000).toFixed(2)} s | ${median(own.map((time, i) => time / peers[i])).toFixed(2)}`;
console.log(`${kernel} guest, ${rounds} paired rounds, medians; ratios are to bpftrace\n`);
console.log('| what | to the first record | ratio | beyond a 2 s trace | ratio |');
console.log('|---|---:|---:|---:|---:|');
for (const [name, { first, beyond }] of Object.entries(results))
  console.log(`| ${name} | ${cell(first, peer.first)} | ${cell(beyond, peer.beyond)} |`);
