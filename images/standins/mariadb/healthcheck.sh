#!/bin/bash
# Tests of the official image's script that our chart uses: --connect (over TCP, as the shop does) and --innodb_initialized.
set -euo pipefail
ask() { mariadb --defaults-extra-file=/var/lib/mysql/.my-healthcheck.cnf --protocol=tcp --host=127.0.0.1 -BN -e "$1"; }
for test in "$@"; do
  case "$test" in
    --connect) ask 'select 1' > /dev/null ;;
    --innodb_initialized) [ "$(ask "select 1 from information_schema.engines where engine = 'InnoDB' and support in ('YES', 'DEFAULT')")" = 1 ] ;;
    *) echo "unknown test $test" >&2; exit 1 ;;
  esac
done
