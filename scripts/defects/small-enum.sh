# shows: an enum of one byte is read as four
. /data/defects/_tracefs.sh
define 'f:d/enum vfs_read whole=file->f_inode->i_write_hint byte=file->f_inode->i_write_hint:u8'
sed -n 's/.*\(field:[^;]*\);.*\(size:[0-9]*\).*/\1 \2/p' $T/events/d/enum/format | tail -2
lines=2 follow d dd if=/proc/version of=/dev/null
