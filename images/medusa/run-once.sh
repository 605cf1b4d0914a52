#!/bin/sh
# Runs the built app once, in its folder, and writes the results that every store reuses.
# `migrated.sql`: the database after Medusa's migrations. Medusa has not started on it, so stores share no key, sales channel or name.
# `modules-server.json`, `modules-worker.json`: the modules that a start loads.
set -eu
apt-get update -qq
apt-get install -y -qq --no-install-recommends postgresql redis-server > /dev/null

free_port() {
  node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close(); })"
}
programs="$(echo /usr/lib/postgresql/*/bin)"
data="$(mktemp -d)"
chown postgres "$data"
pg_port="$(free_port)"
redis_port="$(free_port)"
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }

as_postgres "$programs/initdb" --pgdata="$data/db" --auth=trust --encoding=UTF8 --locale=C.UTF-8 > /dev/null
settings="-c listen_addresses=127.0.0.1 -c port=$pg_port -c unix_socket_directories=$data -c fsync=off -c dynamic_shared_memory_type=mmap"
as_postgres "$programs/pg_ctl" --pgdata="$data/db" --log="$data/log" --options="$settings" --wait start
redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --dir "$data" --daemonize yes > /dev/null
trap 'as_postgres "$programs/pg_ctl" --pgdata="$data/db" --mode=immediate stop; redis-cli -p "$redis_port" shutdown nosave' EXIT
as_postgres "$programs/createuser" --host="$data" --port="$pg_port" medusa
as_postgres "$programs/createdb" --host="$data" --port="$pg_port" --owner=medusa medusa

export NODE_ENV=production MEDUSA_DISABLE_TELEMETRY=true MEDUSA_FF_CACHING=true DISABLE_MEDUSA_ADMIN=true HOME="$data" \
  DATABASE_URL="postgres://medusa@127.0.0.1:$pg_port/medusa" REDIS_URL="redis://127.0.0.1:$redis_port" \
  PORT="$(free_port)" JWT_SECRET=build COOKIE_SECRET=build AUTH_MFA_ENCRYPTION_KEY="$(printf '%064d' 0)"
node node_modules/@medusajs/cli/cli.js db:migrate --skip-scripts --execute-safe-links --execute-safe-search
node node_modules/@medusajs/cli/cli.js db:migrate:scripts

# The result must be SQL that any client can run: no psql commands, no COPY and no setting that an older Postgres does not know.
as_postgres "$programs/pg_dump" --host="$data" --port="$pg_port" --no-owner --no-privileges --inserts --rows-per-insert=500 medusa \
  | sed -e '/^\\/d' -e '/^SET transaction_timeout/d' > migrated.sql
test -s migrated.sql

MEDUSA_WORKER_MODE=server DISABLE_MEDUSA_ADMIN=false node src/setup/start.js record modules-server.json
MEDUSA_WORKER_MODE=worker node src/setup/start.js record modules-worker.json
