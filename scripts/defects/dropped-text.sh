# shows: what follows the last ) of a dereference is dropped
. /data/defects/_tracefs.sh
define 'f:d/tail vfs_read x=+0(file)tail'
cat $T/dynamic_events
