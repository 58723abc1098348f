# shows: after a field chain the caret of a later error stands at a stray column
. /data/defects/_tracefs.sh
for try in 1 2 3; do
  : > $T/error_log
  echo 'f vfs_fsync file->f_inode:string' 2>/dev/null >> $T/dynamic_events
  awk '/\^/ { print "caret at column", index($0, "^") - 12 }' $T/error_log
done
