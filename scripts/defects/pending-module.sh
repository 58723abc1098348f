# shows: a probe on a module that is not there is accepted, whatever the symbol
. /data/defects/_tracefs.sh
define 'p:d/one no_such_module:no_such_function'
define 'p:d/two no_such_module:no_such_function file'
cat $T/dynamic_events
