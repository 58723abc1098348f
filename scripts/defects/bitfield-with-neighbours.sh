# shows: a bit field that begins and ends at a byte is read as the whole word
. /data/defects/_tracefs.sh
define 'f:d/mount vfs_get_tree purpose=fc->purpose alone=fc->purpose:u8 word=fc->purpose:x32'
mkdir -p /root/m; lines=2 follow d mount -t tmpfs none /root/m
