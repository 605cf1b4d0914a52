#!/bin/bash
# The subset of the official entrypoint that the chart uses: MARIADB_DATABASE, MARIADB_USER, MARIADB_PASSWORD and
# MARIADB_ROOT_PASSWORD (each also as *_FILE), and the user of healthcheck.sh. Does not run as root.
set -euo pipefail

[ "${1:-}" != "" ] && [ "${1#-}" = "$1" ] || set -- mariadbd "$@"
[ "$1" = mariadbd ] || exec "$@"

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock

setting() { # name: prints the variable, or the content of the file in the variable with the suffix _FILE
  local file="$1_FILE"
  if [ -n "${!file:-}" ]; then cat "${!file}"; else printf '%s' "${!1:-}"; fi
}
quoted() { # text: prints an SQL string literal
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}
start_alone() {
  mariadbd "$@" --skip-networking --socket="$socket" &
  server=$!
  for _ in $(seq 300); do
    mariadb-admin --socket="$socket" --user=root ping > /dev/null 2>&1 && return
    kill -0 "$server" || exit 1
    sleep 0.1
  done
  echo 'the server did not start within 30 s' >&2
  exit 1
}
stop_alone() {
  kill "$server"
  wait "$server"
}

# The marker exists during the initialization. If it exists at start, an earlier initialization was interrupted and starts over.
unfinished=$data/.standin-unfinished
[ ! -e "$unfinished" ] || find "$data" -mindepth 1 ! -path "$unfinished" -delete

if [ ! -d "$data/mysql" ]; then
  root_password=$(setting MARIADB_ROOT_PASSWORD)
  : "${root_password:?MARIADB_ROOT_PASSWORD or MARIADB_ROOT_PASSWORD_FILE is missing}"
  touch "$unfinished"
  mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal --skip-test-db > /dev/null
  start_alone "${@:2}"
  check=$(head -c 24 /dev/urandom | base64 | tr -dc 'A-Za-z0-9')
  db=$(setting MARIADB_DATABASE) user=$(setting MARIADB_USER) password=$(setting MARIADB_PASSWORD)
  {
    # The installer creates users without a password, some of them for the host name of this machine.
    echo "DELETE FROM mysql.global_priv WHERE user = '' OR (user = 'root' AND host <> 'localhost'); FLUSH PRIVILEGES;"
    echo "DELETE FROM mysql.proxies_priv WHERE host <> 'localhost';"
    for host in localhost 127.0.0.1 ::1; do
      echo "CREATE USER healthcheck@$(quoted "$host") IDENTIFIED BY $(quoted "$check");"
    done
    [ -z "$db" ] || echo "CREATE DATABASE \`$db\`;"
    [ -z "$user" ] || echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$password");"
    [ -z "$user" ] || [ -z "$db" ] || echo "GRANT ALL ON \`$db\`.* TO $(quoted "$user")@'%';"
    echo "ALTER USER root@localhost IDENTIFIED BY $(quoted "$root_password");"
  } | mariadb --socket="$socket" --user=root
  (umask 077 && printf '[client]\nuser=healthcheck\npassword=%s\n' "$check" > "$data/.my-healthcheck.cnf")
  stop_alone
  rm "$unfinished"
fi
exec "$@"
