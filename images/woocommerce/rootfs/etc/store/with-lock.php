<?php
/** Runs a command while holding a lock of the database, which is free again as soon as this process is gone. */
const WAIT_SECONDS = 300;

require __DIR__ . '/database.php';
$db = store_database();
if (is_string($db)) {
    fwrite(STDERR, "$db\n");
    exit(1);
}
// The set-up may take longer than the server lets a silent connection live.
$db->query('SET SESSION wait_timeout = 86400');
$lock = $db->query("SELECT GET_LOCK('store_platform_setup', " . WAIT_SECONDS . ')');
if (!$lock || $lock->fetch_row()[0] !== '1') {
    fwrite(STDERR, 'another set-up holds the lock for more than ' . WAIT_SECONDS . " s\n");
    exit(1);
}
$child = proc_open(array_slice($argv, 1), [STDIN, STDOUT, STDERR], $pipes);
exit($child === false ? 1 : proc_close($child));
