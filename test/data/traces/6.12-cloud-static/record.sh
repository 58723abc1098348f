# Made test/data/traces/6.12-cloud-static, in a guest booted with nokaslr no_hash_pointers; only formats of recorded events were kept.
cd /sys/kernel/tracing
mkdir instances/s; cd instances/s
echo 4096 > buffer_size_kb
for g in sched irq timer signal kmem workqueue syscalls task module writeback rcu ext4 block net sock skb napi raw_syscalls cgroup power tcp udp x86_fpu exceptions irq_vectors page_isolation compaction vmscan oom mmap percpu rpm regmap; do [ -d events/$g ] && echo 1 > events/$g/enable 2>/dev/null; done
echo 1 > tracing_on
sh -c 'ls / >/dev/null; cat /proc/self/status | head -3 >/dev/null; sleep 0.2; mkdir /tmp/q; echo a > /tmp/q/b; rm -r /tmp/q; kill -0 $$; ping -c1 127.0.0.1 >/dev/null 2>&1'
echo 0 > tracing_on
mkdir /out; cat trace > /out/trace.txt
for c in 0 1; do cat per_cpu/cpu$c/stats > /out/stats.cpu$c; /data/rawdump per_cpu/cpu$c/trace_pipe_raw /out/raw.cpu$c; done
cat events/header_page > /out/header_page 2>/dev/null || cat ../../events/header_page > /out/header_page; cat ../../events/header_event > /out/header_event
cat ../../saved_cmdlines > /out/saved_cmdlines
for f in events/*/*/format; do g=${f#events/}; g=${g%/format}; echo "@@ $g"; cat $f; done > /out/formats.txt
grep ' ' /proc/kallsyms > /out/kallsyms
tar cf /out.tar -C /out .; ls -la /out
