import { beforeAll, describe, expect, test } from 'vitest';
import { bootGuest } from './guest.js';

interface Ran {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}
interface Left {
  readonly before: unknown;
  readonly after: unknown;
}
interface Snapshot {
  readonly instances: readonly string[];
  readonly definitions: readonly string[];
}
interface Results {
  readonly auto: Left & Readonly<Record<'open' | 'switches' | 'refused', Ran>>;
  readonly taken: Left & Readonly<Record<'text' | 'json', Ran>>;
  readonly killed: Left & { readonly during: Snapshot; readonly listed: Ran; readonly cleaned: Ran };
  readonly users: Left &
    Readonly<Record<'doctor' | 'plan' | 'trace' | 'doctorTwo' | 'planTwo' | 'traceTwo' | 'atSymbol', Ran>>;
  readonly hidden: Readonly<Record<'doctor' | 'plan' | 'trace' | 'refused' | 'denied', Ran>>;
}

const records = ({ stdout }: Ran): { event: string; args: Record<string, unknown> }[] =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
const openWays = ({ stdout }: Ran): string[] =>
  JSON.parse(stdout)
    .ways.filter((way: { open: boolean }) => way.open)
    .map((way: { id: string }) => way.id);
const planned = ({ stdout }: Ran) =>
  JSON.parse(stdout).choice as { way: string | null; rejected: { way: string; reason: string }[] };

function expectOpens(ran: Ran): void {
  expect({ code: ran.code, stderr: ran.code === 0 ? '' : ran.stderr }).toEqual({ code: 0, stderr: '' });
  const found = records(ran);
  expect(found).toHaveLength(3);
  for (const { event, args } of found) {
    expect(event).toMatch(/^fprobes\/vfs_open__entry$|^my\/sw$/);
    if ('name' in args)
      expect(args).toMatchObject({ name: expect.stringMatching(/./), flags: expect.any(Number) });
  }
}

describe.each([
  { kernel: '6.12-cloud', chosen: 'native', says: "tracing by the kernel's own probe events\n" },
  { kernel: '6.1', chosen: 'lowered', says: "tracing by the kernel's own probe events, lowered\n" },
] as const)('on $kernel', ({ kernel, chosen, says }) => {
  let results: Results;
  beforeAll(async () => {
    const answer = await bootGuest({
      kernel,
      script: 'ways.mjs',
      args: [chosen],
      programs: ['setpriv'],
      seconds: 900,
    });
    results = answer.results as unknown as Results;
  });

  test('auto goes the first way that is open, says which, and leaves nothing', () => {
    const { open, switches, before, after } = results.auto;
    expectOpens(open);
    expect(open.stderr).toContain(`btfprobe: ${says}`);
    if (chosen === 'lowered')
      expect(open.stderr).toMatch(/not by the kernel's own probe events: .*this needs Linux 6\.5 or newer/);
    expect(switches.code).toBe(0);
    for (const { event, args } of records(switches)) {
      expect(event).toBe('my/sw');
      expect(args).toEqual({ next: expect.any(Number), comm: expect.stringMatching(/./) });
    }
    expect(after).toEqual(before);
  });

  test('what no kernel takes is a refusal, whatever the way', () => {
    for (const ran of [results.auto.refused, results.hidden.refused]) {
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain('This field is not found');
      expect(ran.stderr).toContain('did you mean dentry?');
    }
  });

  if (chosen === 'native') {
    test('where the kernel refuses the first way when it is asked, auto goes the next, and says so', () => {
      const { text, json, before, after } = results.taken;
      expect({ text: text.code, json: json.code }).toEqual({ text: 0, json: 0 });
      const [first, second, third] = text.stderr.split('\n');
      expect(first).toBe("btfprobe: tracing by the kernel's own probe events");
      expect(second).toMatch(
        /^btfprobe: the kernel refused t:my\/fork .* \(the kernel's own probe events\): the tracepoint sched_process_fork is held by the event others:holds \(EEXIST\)$/,
      );
      expect(third).toBe('btfprobe: tracing by eBPF');
      expect(text.stdout.match(/ fork: \(.*\) child=\d+$/gm)).toHaveLength(2);
      const refused = json.stderr.split('\n').find(line => line.startsWith('{"v":1,"refused"'));
      expect(JSON.parse(refused!).refused).toMatchObject({
        way: 'native',
        now: 'bpf',
        code: 'definition',
        kernel: { errno: 'EEXIST' },
      });
      expect(records(json)).toHaveLength(3);
      for (const { event, args } of records(json))
        expect({ event, args }).toEqual({ event: 'my/fork', args: { child: expect.any(Number) } });
      expect(after).toEqual(before);
    });
  }

  if (chosen === 'lowered') {
    test('what a killed trace of a lowered tracepoint leaves is listed and cleaned, instances that keep it busy too', () => {
      const { before, during, listed, cleaned, after } = results.killed;
      const helpers = during.instances.filter(name => /-busy[01]$/.test(name));
      expect(JSON.parse(listed.stdout)).toMatchObject({
        helpers,
        instance: expect.stringMatching(/^btfprobe-/),
        events: [{ name: 'sw' }],
      });
      expect(helpers).toHaveLength(2);
      expect(JSON.parse(cleaned.stdout)).toMatchObject({ removed: true, helpers });
      expect(after).toEqual(before);
    });
  }

  test('a user without rights is told what is missing', () => {
    const { doctor, plan, trace, before, after } = results.users;
    expect({ code: doctor.code, open: openWays(doctor) }).toEqual({ code: 2, open: [] });
    expect(plan.code).toBe(1);
    expect(planned(plan).way).toBeNull();
    expect(trace.code).toBe(2);
    expect(trace.stdout).toBe('');
    expect(trace.stderr).toContain('there is no way to trace this here');
    expect(trace.stderr).toMatch(/not by eBPF: programs can be loaded: denied: .*CAP_BPF and CAP_PERFMON/);
    expect(trace.stderr).toMatch(/hint: .*CAP_BPF CAP_PERFMON/);
    expect(after).toEqual(before);
  });

  test('two capabilities are enough for eBPF', () => {
    const { doctorTwo, planTwo, traceTwo, atSymbol } = results.users;
    expect({ code: doctorTwo.code, open: openWays(doctorTwo) }).toEqual({ code: 0, open: ['bpf'] });
    expect({ code: planTwo.code, way: planned(planTwo).way }).toEqual({ code: 0, way: 'bpf' });
    expectOpens(traceTwo);
    expect(traceTwo.stderr).toContain('btfprobe: tracing by eBPF\n');
    // Addresses of symbols are hidden from this user: that is said, nothing else is read instead.
    expect(atSymbol.code).toBe(2);
    expect(atSymbol.stderr).toMatch(/not by eBPF: addresses of symbols: denied/);
  });

  test('where tracefs is hidden, auto traces by eBPF', () => {
    const { doctor, plan, trace } = results.hidden;
    expect(openWays(doctor)).toEqual(['bpf']);
    const { way, rejected } = planned(plan);
    expect({ way, rejected: rejected.map(one => one.way) }).toEqual({
      way: 'bpf',
      rejected: ['native', 'lowered'],
    });
    expectOpens(trace);
    expect(trace.stderr).toContain('btfprobe: tracing by eBPF\n');
    expect(trace.stderr).toMatch(/lowered: tracefs is mounted: missing: no mount of it/);
  });

  test('where BPF is denied too, it says precisely what is missing', () => {
    const { code, stdout, stderr } = results.hidden.denied;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /lowered: tracefs is mounted: missing: no mount of it in \/proc\/self\/mountinfo\n/,
    );
    expect(stderr).toMatch(
      /eBPF: programs can be loaded: denied: this process lacks CAP_BPF and CAP_PERFMON\n/,
    );
    expect(stderr).toContain('hint: mount it: mount -t tracefs nodev /sys/kernel/tracing');
  });
});
