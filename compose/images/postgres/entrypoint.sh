#!/bin/sh
# Makes the cluster when there is none, the role and the database at the first start, then becomes PostgreSQL.
set -eu

initialise() {
  initdb --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >/dev/null
  # initdb trusts this machine only: the deployment's network comes with a password.
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  cat >>"$PGDATA/postgresql.conf" <<'SETTINGS'
listen_addresses = '*'
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 200
SETTINGS
}

literal() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }
name() { printf '"%s"' "$(printf %s "$1" | sed 's/"/""/g')"; }

# A backend of its own, without a listener: nobody can connect before the password is set. What exists already is
# reported and passed over, so a start that was cut short can be repeated. Statements never reach the log: one holds
# the password.
admit_owner() {
  owner=${POSTGRES_USER:-postgres}
  {
    if [ "$owner" != postgres ]; then echo "CREATE ROLE $(name "$owner") LOGIN SUPERUSER;"; fi
    echo "ALTER ROLE $(name "$owner") PASSWORD $(literal "$POSTGRES_PASSWORD");"
    if [ "${POSTGRES_DB:-$owner}" != postgres ]; then
      echo "CREATE DATABASE $(name "${POSTGRES_DB:-$owner}") OWNER $(name "$owner");"
    fi
  } | postgres --single -D "$PGDATA" -c log_min_error_statement=panic postgres >/dev/null
  touch "$PGDATA/firedrill-owner-admitted"
}

if [ "${1:-}" = initialise ]; then
  initialise
  exit
fi
if [ -z "${POSTGRES_PASSWORD:-}" ]; then
  echo 'PostgreSQL does not start without a password: set POSTGRES_PASSWORD.' >&2
  exit 64
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then initialise; fi
if [ ! -e "$PGDATA/firedrill-owner-admitted" ]; then admit_owner; fi
unset POSTGRES_PASSWORD
exec postgres "$@"
