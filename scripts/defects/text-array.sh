# shows: a char pointer with an array type reads one pointer too many: always a fault
. /data/defects/_tracefs.sh
define 'f:d/array vfs_open name=path->dentry->d_name.name:string[1]'
define 'f:d/plain vfs_open name=path->dentry->d_name.name:string'
lines=4 follow d dd if=/proc/version of=/dev/null
