# shows: t with a name that no tracepoint has is accepted and waits for a module
. /data/defects/_tracefs.sh
define 't:d/typo sched_swich'
define 't:d/odd vfs_write $arg*'
cat $T/dynamic_events
