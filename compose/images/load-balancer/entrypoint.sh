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

# Where HTTPS ends here and nobody brought a certificate, one is made: a lab's, that nobody need trust.
if grep -q LB_CERTIFICATE "$HAPROXY_CONFIG" && [ -z "${LB_CERTIFICATE:-}" ]; then
  LB_CERTIFICATE=/tmp/firedrill-balancer.pem
  if [ ! -s "$LB_CERTIFICATE" ]; then
    umask 077
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=firedrill balancer' \
      -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout /tmp/key.pem -out /tmp/certificate.pem 2>/dev/null
    cat /tmp/certificate.pem /tmp/key.pem >"$LB_CERTIFICATE"
    rm /tmp/certificate.pem /tmp/key.pem
  fi
  export LB_CERTIFICATE
fi

# `exec` makes HAProxy's master process 1, so that signals reach it, and -db keeps it in the foreground. By SIGUSR2 it reads its
# configuration again and hands its listeners to another worker, over a socket of its own; by SIGUSR1 its workers stop softly.
exec haproxy -W -db -f "$HAPROXY_CONFIG" "$@"
