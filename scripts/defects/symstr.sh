# shows: symstr clears a byte 511 bytes behind its text; several of them crashed the kernel
# dangerous: can crash the kernel it runs on
. /data/defects/_tracefs.sh
define 't:d/one sched_waking x=$stack0:symstr y=$comm'
lines=2 follow d sleep 0.2
echo > $T/dynamic_events
echo "eight in one event:"
define 'f:d/many vfs_read a=$stack0:symstr b=$stack1:symstr c=$stack2:symstr d=$stack3:symstr e=$stack4:symstr f=$stack5:symstr g=$stack6:symstr h=$stack7:symstr'
lines=1 follow d sh -c 'for i in 1 2 3 4 5 6 7 8; do cat /proc/kallsyms; done'
echo "the kernel survived this time"
