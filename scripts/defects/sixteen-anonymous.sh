# shows: members behind the 16th anonymous member of a struct are not found
. /data/defects/_tracefs.sh
define 'f:d/seen netif_rx_internal skb->dev->stats.rx_packets'
define 'f:d/unseen netif_rx_internal skb->dev->stats.tx_aborted_errors'
