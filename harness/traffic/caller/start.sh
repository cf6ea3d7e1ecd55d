#!/bin/sh
# Starts the callers ahead of every ordinary program where the container may have real time, and among them where it may not; as a
# user without any right in either case.
as_user='setpriv --reuid=node --regid=node --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all'
if chrt --rr 1 true 2>/dev/null; then
  echo 'callers: in real time' >&2
  FIREDRILL_REAL_TIME=1 exec chrt --rr 1 $as_user node traffic/caller/main.ts
fi
echo 'callers: among all others, for this engine gives no real time' >&2
exec $as_user node traffic/caller/main.ts
