#!/bin/bash
# The subset of the official entrypoint that the chart uses: POSTGRES_USER, POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE,
# POSTGRES_DB, PGDATA, and *.sh and *.sql in /docker-entrypoint-initdb.d, which run once over the socket. Does not run as root.
set -euo pipefail

[ "${1:-}" != "" ] && [ "${1#-}" = "$1" ] || set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"
[ -s "$PGDATA/PG_VERSION" ] && exec "$@"

if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE"); fi
: "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE is missing}"
user=${POSTGRES_USER:-postgres}
db=${POSTGRES_DB:-$user}

mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --auth-local=trust --auth-host=scram-sha-256 \
  --encoding=UTF8 --locale=C.UTF-8
printf 'host all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"

pg_ctl -o "-c listen_addresses=''" -w start
run() { psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$user" "$@"; }
[ "$db" = postgres ] || run --dbname postgres -c "CREATE DATABASE \"$db\""
for file in /docker-entrypoint-initdb.d/*; do
  case "$file" in
    *.sh) bash "$file" ;;
    *.sql) run --dbname "$db" -f "$file" ;;
  esac
done
pg_ctl -m fast -w stop
exec "$@"
