# shows: string is accepted on an integer, because its size is taken for a type's number
. /data/defects/_tracefs.sh
define 'f:d/number vfs_read count:string'
define 'f:d/other vfs_read file:string'
lines=2 follow d dd if=/proc/version of=/dev/null
