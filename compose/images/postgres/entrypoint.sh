#!/bin/sh
# Becomes a member of a Patroni cluster where PATRONI_NAME is set; else makes a cluster when there is none, the role and
# the database at the first start, and becomes PostgreSQL.
set -eu
. /usr/local/lib/firedrill/owner.sh

# Made at the first start, never at build time: every database from one image would carry the same system identifier, and
# PostgreSQL takes equal identifiers for copies of one cluster. --no-sync: nothing is lost with a container, and it is a
# fifth of the time.
initialise() {
  initdb --no-sync --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >/dev/null
  # initdb trusts this machine only: the deployment's network comes with a password.
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  cat >>"$PGDATA/postgresql.conf" <<'SETTINGS'
listen_addresses = '*'
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 200
SETTINGS
}

# A backend of its own, without a listener: nobody can connect before the password is set. What exists already is
# reported and passed over, so a start that was cut short can be repeated.
admit_owner() {
  owner_statements SUPERUSER | postgres --single -D "$PGDATA" -c log_min_error_statement=panic postgres >/dev/null
  touch "$PGDATA/firedrill-owner-admitted"
}

if [ -z "${POSTGRES_PASSWORD:-}" ]; then
  echo 'PostgreSQL does not start without a password: set POSTGRES_PASSWORD.' >&2
  exit 64
fi
if [ -n "${PATRONI_NAME:-}" ]; then . /usr/local/lib/firedrill/patroni.sh; fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then initialise; fi
if [ ! -e "$PGDATA/firedrill-owner-admitted" ]; then admit_owner; fi
unset POSTGRES_PASSWORD
exec postgres "$@"
