# shows: MODULE:FUNCTION finds no argument names, the function's plain name does
# kernel: 6.12
# module: xfs
. /data/defects/_tracefs.sh
module=xfs:xfs_file_open
define "p:d/plain ${module#*:} \$arg*"
define "p:d/qualified $module \$arg*"
