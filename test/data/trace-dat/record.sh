# Made test/data/trace-dat/*.dat: in a guest with two processors, with Debian's trace-cmd 3.1.6.
T=/sys/kernel/tracing

# A whole kallsyms would be most of every file.
grep -E ' (vfs_[a-z_]*|ksys_(read|write|open)|do_sys_openat2|do_syscall_64|x64_sys_call|__x64_sys_(read|write|openat|close)|rw_verify_area|security_file_[a-z]*|tracing_mark_write|fprobe_handler|do_filp_open|path_openat)$' /proc/kallsyms > /tmp/k
wc /tmp/k
mount --bind /tmp/k /proc/kallsyms
echo 'f:bp/rd vfs_read count=count:u64 arr=+0(file):x64[3] name=file->f_path.dentry->d_name.name:string here=$stack0:symbol' > $T/dynamic_events || echo 'no array'
echo 'f:bp/rdx vfs_read%return ret=$retval:s64' >> $T/dynamic_events
echo 'e:bp/ep sched.sched_switch prev=$prev_pid:s32 next=$next_comm:string' >> $T/dynamic_events
cat > /tmp/w.sh <<'W'
cat /proc/version > /dev/null
echo 'a marker' > /sys/kernel/tracing/trace_marker
ls / > /dev/null
sleep 0.02
cat /etc/nothing 2>/dev/null
W
EV="-e sched:sched_switch -e sched:sched_wakeup -e bp -e syscalls:sys_enter_openat -e syscalls:sys_exit_openat -e timer:timer_start -e irq:softirq_entry"
mkdir -p /out; cd /out
trace-cmd record $EV --compression zstd -o v7-zstd.dat sh /tmp/w.sh > /tmp/l1 2>&1; echo "v7 $?"; tail -3 /tmp/l1
trace-cmd record $EV --file-version 6 -o v6.dat sh /tmp/w.sh > /tmp/l2 2>&1; echo "v6 $?"; tail -3 /tmp/l2
trace-cmd record -b 8 -C x86-tsc -e syscalls --compression zstd -o lost.dat sh -c 'for i in 1 2 3 4 5 6 7 8 9; do ls /proc > /dev/null; done; dd if=/dev/zero of=/dev/null bs=1 count=3000 2>/dev/null' > /tmp/l3 2>&1; echo "lost $?"; tail -20 /tmp/l3
trace-cmd record -p function_graph -g vfs_read -l 'vfs_read' -l 'rw_verify_area' -l 'security_file_*' -e sched:sched_switch --compression zstd -o graph.dat sh /tmp/w.sh > /tmp/l4 2>&1; echo "graph $?"; tail -3 /tmp/l4
trace-cmd record -e bp:rd -B other -e sched:sched_switch --compression zstd -o instance.dat sh /tmp/w.sh > /tmp/l5 2>&1; echo "instance $?"; tail -3 /tmp/l5
trace-cmd record -e bp:rd -B other -e sched:sched_switch --file-version 6 -o instance6.dat sh /tmp/w.sh > /tmp/l5 2>&1; echo "instance6 $?"; tail -3 /tmp/l5
ls -la /out
cd /; tar cf /out.tar -C /out .

# latency.dat and latency6.dat: in a guest with one processor and a kernel that has latency tracers (6.12 rt).
grep -E ' (try_to_wake_up|ttwu_do_activate|__schedule|schedule|wake_up_process|finish_task_switch.*|probe_wakeup.*)$' /proc/kallsyms > /tmp/k
mount --bind /tmp/k /proc/kallsyms
echo 0 > $T/options/function-trace
for options in '--compression zstd -o latency.dat' '--file-version 6 -o latency6.dat'; do
  echo 0 > $T/tracing_max_latency
  trace-cmd record -p wakeup -d $options sh -c 'for i in 1 2 3; do ls /proc > /dev/null; done; sleep 0.05'
done
