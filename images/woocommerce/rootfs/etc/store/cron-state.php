<?php
/**
 * Prints whether the scheduled tasks of the shop must run: `due`, `idle` or, while the setup of this release is not complete,
 * `setup`. Does not load WordPress, so an idle shop costs a fraction of a cron run. Exits with 1 when the database does not answer.
 */
require __DIR__ . '/database.php';

/** The event that processes the queue of the Action Scheduler. It is due once a minute, even when the queue is empty. */
const QUEUE_EVENT = 'action_scheduler_run_queue';

function store_has_due_event(mysqli $db): bool
{
    $row = $db->query("SELECT option_value FROM wp_options WHERE option_name = 'cron'")?->fetch_row();
    $events = @unserialize($row[0] ?? '', ['allowed_classes' => false]);
    if (!is_array($events)) {
        return true; // WordPress repairs its own list
    }
    foreach ($events as $time => $hooks) {
        if (is_int($time) && $time <= time() && array_diff(array_keys($hooks), [QUEUE_EVENT])) {
            return true;
        }
    }
    return false;
}

function store_has_due_action(mysqli $db): bool
{
    $found = $db->query(
        "SELECT 1 FROM wp_actionscheduler_actions WHERE status = 'pending' AND scheduled_date_gmt <= UTC_TIMESTAMP() LIMIT 1"
    );
    return $found === false || $found->num_rows > 0;
}

ini_set('mysqlnd.net_read_timeout', '20'); // otherwise a database that hangs blocks this process for a day
$db = store_database();
if (is_string($db)) {
    fwrite(STDERR, "$db\n");
    exit(1);
}
echo match (true) {
    !store_setup_is_complete($db) => 'setup',
    store_has_due_event($db), store_has_due_action($db) => 'due',
    default => 'idle',
};
