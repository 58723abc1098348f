# shows: a bit field as the last argument clears the beginning of a text before it
. /data/defects/_tracefs.sh
define 't:d/wrong sched_waking a=$comm b=p->in_iowait'
lines=3 follow d sleep 0.2
echo > $T/dynamic_events
define 't:d/right sched_waking b=p->in_iowait a=$comm'
lines=3 follow d sleep 0.2
