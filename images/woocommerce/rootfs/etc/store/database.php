<?php
/**
 * Connects to the store's database without WordPress, which would send its own error page.
 *
 * @return mysqli|string the connection, or the reason why it failed
 */
function store_database(): mysqli|string
{
    $settings = array_map(getenv(...), ['DB_HOST', 'DB_USER', 'DB_NAME', 'SECRETS_DIR']);
    if (in_array(false, $settings, true) || in_array('', $settings, true)) {
        return 'DB_HOST, DB_USER, DB_NAME and SECRETS_DIR must be set';
    }
    [$host, $user, $name, $secrets] = $settings;
    mysqli_report(MYSQLI_REPORT_OFF);
    $db = @mysqli_connect($host, $user, (string) @file_get_contents("$secrets/db-password"), $name);
    return $db ?: 'the database does not answer: ' . mysqli_connect_error();
}

/** Returns whether the setup Job of this release has recorded its revision. Before that, WordPress must not run. */
function store_setup_is_complete(mysqli $db): bool
{
    $revision = getenv('SETUP_REVISION');
    if ($revision === false) {
        return false;
    }
    $found = $db->execute_query('SELECT 1 FROM store_platform_setup WHERE revision = ?', [$revision]);
    return $found !== false && $found->num_rows === 1;
}
