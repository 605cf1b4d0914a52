<?php
/** Runs a command while it holds a database lock. The database releases the lock when this process dies. */
const WAIT_SECONDS = 300;

require __DIR__ . '/database.php';
$db = store_database();
if (is_string($db)) {
    fwrite(STDERR, "$db\n");
    exit(1);
}
// The setup can take longer than the idle timeout of the server.
$db->query('SET SESSION wait_timeout = 86400');
$lock = $db->query("SELECT GET_LOCK('store_platform_setup', " . WAIT_SECONDS . ')');
if (!$lock || $lock->fetch_row()[0] !== '1') {
    fwrite(STDERR, 'another setup has held the lock for more than ' . WAIT_SECONDS . " s\n");
    exit(1);
}
$child = proc_open(array_slice($argv, 1), [STDIN, STDOUT, STDERR], $pipes);
exit($child === false ? 1 : proc_close($child));
