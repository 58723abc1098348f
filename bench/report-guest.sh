# Run in the guest by bench/report.mjs: records what a busy small system does, about so many megabytes of it.
#   sh report-guest.sh trace-cmd|perf MEGABYTES
set -u
tracing=/sys/kernel/tracing
megabytes=$2

# What is recorded: the kernel's own events of five groups, and with trace-cmd five probe events.
groups='sched syscalls irq timer kmem'
cat > $tracing/dynamic_events <<'P' || exit 1
f:bench/rd vfs_read name=file->f_path.dentry->d_name.name:string count=count pos=file->f_pos
f:bench/rdx vfs_read%return ret=$retval
f:bench/wr vfs_write name=file->f_path.dentry->d_name.name:string flags=file->f_flags:x32 buf=buf here=$stack0:symbol
t:bench/sw sched_switch preempt=preempt prev=prev->pid next=next->comm:string runtime=next->se.sum_exec_runtime
e:bench/ep sched.sched_wakeup who=$comm:string cpu=$target_cpu:u32
P

mkdir -p /tmp/rec && cd /tmp/rec || exit 1
cat > /tmp/workload.sh <<'W'
while [ "$(du -sk /tmp/rec | cut -f1)" -lt "$(($1 * 1000))" ]; do
  dd if=/dev/zero bs=512 count=400 2>/dev/null | cat > /dev/null
  find /proc/self/ /sys/kernel/mm > /dev/null 2>&1
  ls -la /sys/class/* > /dev/null 2>&1
  cat /proc/meminfo /proc/interrupts /proc/self/maps > /dev/null
  for i in 1 2 3; do sh -c 'echo "$$" > /dev/null'; done
  (dd if=/dev/zero of=/tmp/file bs=4k count=50; rm /tmp/file) 2> /dev/null
  sleep 0.01
done
W

case $1 in
  trace-cmd)
    events=; for group in $groups bench; do events="$events -e $group"; done
    trace-cmd record $events -b 30000 --compression none -o trace.dat sh /tmp/workload.sh "$megabytes" > /tmp/log 2>&1 || { tail -5 /tmp/log; exit 1; }
    ;;
  perf)
    events=; for group in $groups; do events="$events -e $group:* --exclude-perf"; done
    perf record $events -a -m 8192 -o perf.data -- sh /tmp/workload.sh "$megabytes" > /tmp/log 2>&1 || { tail -5 /tmp/log; exit 1; }
    ;;
esac
tail -3 /tmp/log
ls -l /tmp/rec
