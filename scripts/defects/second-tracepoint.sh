# shows: one t event per tracepoint; a second one is refused with EEXIST and no log entry
. /data/defects/_tracefs.sh
: > $T/error_log
define 't:a/first sched_waking p->pid'
define 't:b/second sched_waking p->prio'
echo "entries in the error log: $(grep -c error: $T/error_log)"
cat $T/dynamic_events
