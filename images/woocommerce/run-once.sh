#!/bin/sh
# Runs a shop once, on its own database, and records the PHP files that it loads in `/etc/store/compile-ahead`. Web pods compile these
# files during the setup of their store, so that the first customer does not wait for it. The build keeps nothing else.
set -eu
apt-get update -qq
apt-get install -y -qq --no-install-recommends mariadb-server > /dev/null

data="$(mktemp -d)"
chmod 0755 "$data"
mkdir "$data/db" "$data/ini" "$data/secrets"
chown mysql "$data/db"
mariadb-install-db --user=mysql --datadir="$data/db" --skip-test-db > /dev/null
mariadbd --user=mysql --datadir="$data/db" --socket="$data/db/sock" --pid-file="$data/db/pid" --skip-networking 2> "$data/log" &
database=$!
trap 'kill $database; wait $database || true' EXIT
sql() { mariadb --socket="$data/db/sock" "$@"; }
for _ in $(seq 60); do sql --execute='select 1' > /dev/null 2>&1 && break; sleep 0.5; done
sql --execute="create database wordpress; create user wordpress@localhost identified by 'build'; grant all on wordpress.* to wordpress@localhost"

echo "mysqli.default_socket = $data/db/sock" > "$data/ini/socket.ini"
for name in db-password admin-user admin-password auth-key secure-auth-key logged-in-key nonce-key auth-salt secure-auth-salt logged-in-salt nonce-salt; do
  printf build > "$data/secrets/$name"
done
port="$(php -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo explode(":", stream_socket_get_name($s, false))[1];')"
export PHP_INI_SCAN_DIR=":/etc/store:$data/ini" SECRETS_DIR="$data/secrets" DB_HOST=localhost DB_NAME=wordpress DB_USER=wordpress \
  PUBLIC_URL="http://127.0.0.1:$port" STORE_NAME=Build STORE_CURRENCY=EUR STORE_COUNTRY=nl
as_store() { setpriv --reuid=10001 --regid=10001 --clear-groups "$@"; }
as_store bootstrap

touch "$data/loaded"
chown 10001 "$data/loaded"
# `exec`, so that the process of the job is php itself. The end of a shell around it would leave php running on the machine of the build.
(LOADED="$data/loaded" exec setpriv --reuid=10001 --regid=10001 --clear-groups \
  php -d "auto_prepend_file=/note-files.php" -S "127.0.0.1:$port" -t /var/www/html /run-once.php > "$data/web.log" 2>&1) &
web=$!
trap 'kill $web $database; wait $database || true' EXIT
php /run-once.php || { cat "$data/web.log"; exit 1; }
grep -h '^/var/www/' "$data/loaded" | sort -u > /etc/store/compile-ahead
test -s /etc/store/compile-ahead
