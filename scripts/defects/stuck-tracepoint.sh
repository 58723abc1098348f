# shows: a t that fails to register leaves its tracepoint taken until the next boot
# processors: 1
. /data/defects/_tracefs.sh
for try in 1 2; do
  : > $T/error_log
  sh -c 'echo "t cpu_idle" >> /sys/kernel/tracing/dynamic_events' 2>&1 | sed 's/^/try '$try': /'
  grep error: $T/error_log
done
echo "events: $(wc -l < $T/dynamic_events)"
