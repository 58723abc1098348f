# shows: a bit field that begins and ends at a byte is read as the whole word
. /data/defects/_tracefs.sh
define 'f:d/vector __x64_sys_read vector=regs->fred_ss.vector alone=+164(regs):u8'
lines=2 follow d dd if=/proc/version of=/dev/null
