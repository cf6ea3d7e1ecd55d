#!/bin/sh
# Becomes HAProxy with the configuration HAPROXY_CONFIG names, and with as many connections as this container may open.
set -eu

# A connection takes two descriptors, and HAProxy does not start when its `maxconn` needs more than it may open. -n wins
# over `maxconn`, so it is given only where the limit is the lower one.
maxconn=$(sed -n 's/^ *maxconn \([0-9]*\).*/\1/p' "$HAPROXY_CONFIG" | head -n 1)
descriptors=$(ulimit -H -n)
if [ "$descriptors" != unlimited ] && [ -n "$maxconn" ] && [ "$descriptors" -lt $((2 * maxconn + 200)) ]; then
  set -- -n $(((descriptors - 200) / 2)) "$@"
fi

# `exec` makes HAProxy process 1, so that signals reach it; -db keeps it in the foreground, in one process.
exec haproxy -db -f "$HAPROXY_CONFIG" "$@"
