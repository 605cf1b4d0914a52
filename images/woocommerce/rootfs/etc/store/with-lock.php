<?php
/**
 * Runs a command while it holds the database lock of setup and cron: `php with-lock.php WAIT_SECONDS COMMAND…`. The database releases
 * the lock when this process dies. Exits with 75 when the lock is taken for longer than the wait.
 */
const LOCK_IS_TAKEN = 75;

require __DIR__ . '/database.php';
$db = store_database();
if (is_string($db)) {
    fwrite(STDERR, "$db\n");
    exit(1);
}
// The setup can take longer than the idle timeout of the server.
$db->query('SET SESSION wait_timeout = 86400');
$wait = (int) $argv[1];
$lock = $db->query("SELECT GET_LOCK('store_platform_setup', $wait)");
if (!$lock || $lock->fetch_row()[0] !== '1') {
    if ($wait > 0) {
        fwrite(STDERR, "another setup or cron run has held the lock for more than $wait s\n");
    }
    exit(LOCK_IS_TAKEN);
}
$child = proc_open(array_slice($argv, 2), [STDIN, STDOUT, STDERR], $pipes);
exit($child === false ? 1 : proc_close($child));
