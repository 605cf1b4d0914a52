<?php
/**
 * Whether this release's set-up has been through, and configuration, secrets and database are there: 204, else 503. Asked
 * each second while the set-up is at work, so it answers without WordPress until then; and afterwards without plugins, so
 * it changes nothing. A pod is let in with its code compiled, in a new store as in one that is restarted.
 */
require __DIR__ . '/database.php';

/** Of one request, and of the last one, which lets customers in: the kubelet gives each five. */
const COMPILE_SECONDS = 1;
const LAST_COMPILE_SECONDS = 3;

function store_is_set_up(): bool
{
    $db = store_database();
    $revision = getenv('SETUP_REVISION');
    if (is_string($db) || $revision === false) {
        return false;
    }
    $found = $db->execute_query('SELECT 1 FROM store_platform_setup WHERE revision = ?', [$revision]);
    $db->close();
    return $found !== false && $found->num_rows === 1;
}

/** What the shop's pages load, as noted when the image was built: the first customer should not wait while it is compiled. */
function store_compile_ahead(int $seconds): void
{
    $until = hrtime(true) + $seconds * 1e9;
    foreach (@file('/etc/store/compile-ahead', FILE_IGNORE_NEW_LINES) ?: [] as $file) {
        if (hrtime(true) > $until) {
            return;
        }
        if (!opcache_is_script_cached($file)) {
            @opcache_compile_file($file);
        }
    }
}

if (store_is_set_up()) {
    store_compile_ahead(LAST_COMPILE_SECONDS);
    define('SHORTINIT', true);
    require '/var/www/html/wp-load.php';
    http_response_code(204);
} else {
    store_compile_ahead(COMPILE_SECONDS);
    http_response_code(503);
}
