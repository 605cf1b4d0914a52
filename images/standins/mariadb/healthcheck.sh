#!/bin/bash
# The tests of the official script that the chart uses: --connect (over TCP, like the shop) and --innodb_initialized.
set -euo pipefail
query() { mariadb --defaults-extra-file=/var/lib/mysql/.my-healthcheck.cnf --protocol=tcp --host=127.0.0.1 -BN -e "$1"; }
for test in "$@"; do
  case "$test" in
    --connect) query 'select 1' > /dev/null ;;
    --innodb_initialized) [ "$(query "select 1 from information_schema.engines where engine = 'InnoDB' and support in ('YES', 'DEFAULT')")" = 1 ] ;;
    *) echo "unknown test $test" >&2; exit 1 ;;
  esac
done
