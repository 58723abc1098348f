# shows: the place of f is a pattern: all that match are probed, and names of arguments are not known
. /data/defects/_tracefs.sh
define 'f:d/all vfs_fsyn?'
define 'f:d/names vfs_fsyn? file'
define 'f:d/position 1'
cat $T/enabled_functions 2>/dev/null | head -2; echo 1 > $T/events/d/enable; cut -c1-60 $T/enabled_functions; echo 0 > $T/events/d/enable
