#!/bin/sh
# Becomes etcd under the name ETCD_NAME, known to the others by this container's own address unless told otherwise.
set -eu

address=$(hostname -i | cut -d ' ' -f 1)
export ETCD_NAME="${ETCD_NAME:-$(hostname)}"
export ETCD_LISTEN_CLIENT_URLS="${ETCD_LISTEN_CLIENT_URLS:-http://0.0.0.0:2379}"
export ETCD_ADVERTISE_CLIENT_URLS="${ETCD_ADVERTISE_CLIENT_URLS:-http://$address:2379}"
export ETCD_LISTEN_PEER_URLS="${ETCD_LISTEN_PEER_URLS:-http://0.0.0.0:2380}"
export ETCD_INITIAL_ADVERTISE_PEER_URLS="${ETCD_INITIAL_ADVERTISE_PEER_URLS:-http://$address:2380}"
export ETCD_INITIAL_CLUSTER="${ETCD_INITIAL_CLUSTER:-$ETCD_NAME=http://$address:2380}"
# One JSON line an event; below `warn` a member that is well says several a minute.
export ETCD_LOGGER="${ETCD_LOGGER:-zap}" ETCD_LOG_LEVEL="${ETCD_LOG_LEVEL:-warn}"

# etcd 3.4 asks for this word where its makers did not test.
if [ "$(uname -m)" = aarch64 ]; then export ETCD_UNSUPPORTED_ARCH=arm64; fi

# `exec` makes etcd process 1, so that signals reach it.
exec etcd "$@"
