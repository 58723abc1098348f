# shows: at a function's return pointed-to data is read then; only the pointer is from entry
. /data/defects/_tracefs.sh
define 'f:d/return vfs_read%return pos=+0($arg4):u64 got=$retval'
define 'f:d/entry vfs_read pos=+0($arg4):u64'
lines=4 follow d dd if=/proc/version of=/dev/null
