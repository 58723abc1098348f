# Made test/data/traces/6.12-cloud-static, in a guest booted with nokaslr no_hash_pointers:
#   GUEST_APPEND="nokaslr no_hash_pointers" test/kernel-guest/guest run -k 6.12-cloud -t 200 -M 2048 -m ext4 -m loop -p mkfs.ext4 \
#     -f rawdump -f record.sh -o /out:OUT -- "sh record.sh"
# rawdump is test/data/traces/rawdump.c; of kallsyms only the lines that kernels/6.12-cloud lacks were kept.
cd /sys/kernel/tracing
mkdir instances/s; cd instances/s
echo 3000 > buffer_size_kb
truncate -s 64M /tmp/disk; losetup /dev/loop0 /tmp/disk; mkfs.ext4 -q /dev/loop0 2>&1 | head -3; mkdir /mnt
for g in sched irq timer signal kmem workqueue syscalls task module writeback rcu ext4 jbd2 block net sock skb napi raw_syscalls cgroup power tcp udp x86_fpu exceptions irq_vectors page_isolation compaction vmscan oom mmap mmap_lock percpu rpm regmap filemap maple_tree fib fib6 neigh icmp qdisc tlb notifier error_report ipi csd alarmtimer pagemap printk initcall huge_memory migrate ksm iomap io_uring ras thermal clk devfreq cpuhp; do [ -d events/$g ] && echo 1 > events/$g/enable 2>/dev/null; done
echo 1 > tracing_on
sh -c 'ls / >/dev/null; cat /proc/self/status | head -3 >/dev/null; sleep 0.2; mkdir /tmp/q; echo a > /tmp/q/b; rm -r /tmp/q; kill -0 $$; ping -c1 127.0.0.1 >/dev/null 2>&1'
sh -c 'mount -t ext4 /dev/loop0 /mnt; echo hello > /mnt/a; dd if=/dev/zero of=/mnt/b bs=4096 count=40 2>/dev/null; mkdir /mnt/d; ln -s x /mnt/d/y; mv /mnt/a /mnt/c; cat /mnt/b > /dev/null; sync; truncate -s 100 /mnt/b; rm -r /mnt/d; rm /mnt/c; umount /mnt'
sh -c '(echo hello | nc -l -p 999 >/dev/null) & sleep 0.3; echo x | nc -w 1 127.0.0.1 999 > /dev/null; nslookup a.b 127.0.0.1 >/dev/null 2>&1 & sleep 0.5; kill %2; ping6 -c1 ::1 >/dev/null 2>&1'
echo 0 > tracing_on
mkdir /out; cat trace > /out/trace.txt
for c in 0 1; do cat per_cpu/cpu$c/stats > /out/stats.cpu$c; /data/rawdump per_cpu/cpu$c/trace_pipe_raw /out/raw.cpu$c; done
cat events/header_page > /out/header_page 2>/dev/null || cat ../../events/header_page > /out/header_page; cat ../../events/header_event > /out/header_event
cat ../../saved_cmdlines > /out/saved_cmdlines; cat ../../printk_formats > /out/printk_formats
for f in events/*/*/format; do g=${f#events/}; g=${g%/format}; echo "@@ $g"; cat $f; done > /out/formats.txt
grep ' ' /proc/kallsyms > /out/kallsyms
cat /proc/modules > /out/modules; uname -rv
ls -la /out; wc -l /out/trace.txt
