# Writes Patroni's configuration and becomes the watchdog that runs Patroni. PATRONI_NAME, PATRONI_SCOPE and
# PATRONI_ETCD_HOSTS are Patroni's own variables, the timings below are ours.

run=/run/firedrill
address=$(hostname -i | cut -d ' ' -f 1)
umask 077

# Every member derives the same ones; a deployment may set its own.
derived() { printf '%s' "firedrill $1 $POSTGRES_PASSWORD" | sha256sum | cut -c 1-40; }
# Patroni takes passwords out of its environment when it reads them: PostgreSQL, its child, never has them.
export PATRONI_SUPERUSER_USERNAME=postgres PATRONI_REPLICATION_USERNAME=replicator
export PATRONI_SUPERUSER_PASSWORD="${PATRONI_SUPERUSER_PASSWORD:-$(derived superuser)}"
export PATRONI_REPLICATION_PASSWORD="${PATRONI_REPLICATION_PASSWORD:-$(derived replication)}"

# No superuser here: it would take the connections that are kept for Patroni.
owner_statements '' >"$run/owner.sql"
cat >"$run/admit-owner" <<'ADMIT'
#!/bin/sh
PGOPTIONS="$PGOPTIONS -c log_statement=none -c log_min_error_statement=panic" \
  exec psql -q -v ON_ERROR_STOP=1 -f /run/firedrill/owner.sql "$1"
ADMIT
chmod 0700 "$run/admit-owner"
unset POSTGRES_PASSWORD

# Timings and parameters under bootstrap.dcs go to the config store with the first start and are the cluster's from then
# on; `patronictl edit-config` changes them. Patroni's own rule: loop_wait + 2 * retry_timeout <= ttl.
cat >"$run/patroni.yml" <<CONFIGURATION
scope: ${PATRONI_SCOPE:-api7ee}
restapi:
  listen: 0.0.0.0:8008
  connect_address: $address:8008
log:
  level: ${PATRONI_LOG_LEVEL:-INFO}
bootstrap:
  dcs:
    ttl: ${PATRONI_TTL:-30}
    loop_wait: ${PATRONI_LOOP_WAIT:-10}
    retry_timeout: ${PATRONI_RETRY_TIMEOUT:-10}
    maximum_lag_on_failover: 1048576
    # Not strict: where the standby is gone, writes go on after at most ttl + loop_wait, on one node.
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: 200
        timezone: UTC
        log_timezone: UTC
        # A neighbour that fell silent is noticed well before the lease ends, not after PostgreSQL's 60 s.
        wal_sender_timeout: 5s
        wal_receiver_timeout: 5s
        # A standby that finds its slot not made yet, or the old primary gone, looks again soon, not after 5 s.
        wal_retrieve_retry_interval: 500ms
        unix_socket_directories: /var/run/postgresql
  initdb:
    - encoding: UTF8
    - locale: C.UTF-8
    - auth-local: peer
    - auth-host: scram-sha-256
    - no-sync
  post_bootstrap: $run/admit-owner
postgresql:
  listen: 0.0.0.0:5432
  connect_address: $address:5432
  data_dir: $PGDATA
  bin_dir: /usr/lib/postgresql/15/bin
  pgpass: $run/pgpass
  use_unix_socket: true
  # The members know each other on their own network. Everybody else comes by the balancer, or a client that does not
  # follow a failover could go on writing to a primary that is none any more.
  pg_hba:
    - local all postgres peer
    - host replication replicator samenet scram-sha-256
    - host all postgres samenet scram-sha-256
    - host all all ${DATABASE_CLIENTS:-all} scram-sha-256
  create_replica_methods: [basebackup]
  basebackup:
    - checkpoint: fast
    - no-sync
  # A member that was the primary comes back by itself: rewound, or copied anew where that does not work.
  remove_data_directory_on_rewind_failure: true
  remove_data_directory_on_diverged_timelines: true
watchdog:
  mode: required
  # Patroni writes to a pipe what it would tell a watchdog device; watchdog.py is the device.
  driver: testing
  device: $run/watchdog
  safety_margin: ${PATRONI_WATCHDOG_MARGIN:-5}
CONFIGURATION

exec python3 -u /usr/local/lib/firedrill/watchdog.py "$run/watchdog" patroni "$run/patroni.yml"
