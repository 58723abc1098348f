# What the scripts beside this one share: each runs in the guest as root, with tracefs mounted.
T=/sys/kernel/tracing

# Writes one definition and says what came of it, with the error log where there is one.
define() {
  : > $T/error_log
  if printf '%s\n' "$1" 2>/dev/null >> $T/dynamic_events; then echo "accepted: $1"; else
    printf '%s\n' "$1" 2>/tmp/errno >> $T/dynamic_events || true
    echo "refused:  $1"; grep -v '^$' $T/error_log | tail -3; fi
}
# Follows all events of a group while a command runs, and prints their lines.
follow() {
  group=$1; shift
  : > $T/trace; echo 1 > $T/events/$group/enable; "$@" > /dev/null 2>&1; echo 0 > $T/events/$group/enable
  grep -v '^#' $T/trace | head -${lines:-4}
}
