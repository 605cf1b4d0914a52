<?php
/**
 * The startup probe. Returns 204 when the setup of this release is complete and configuration, secrets and database are available,
 * else 503. The kubelet calls it every second. During the setup it does not load WordPress, and afterwards it loads no plugins, so
 * it changes nothing. It also compiles the code, so a pod becomes ready with compiled code in a new and in a restarted store.
 */
require __DIR__ . '/database.php';

/** Time for compilation in one request, and in the last one before the pod becomes ready. The timeout of the probe is five seconds. */
const COMPILE_SECONDS = 1;
const LAST_COMPILE_SECONDS = 3;

function store_is_set_up(): bool
{
    $db = store_database();
    if (is_string($db)) {
        return false;
    }
    $complete = store_setup_is_complete($db);
    $db->close();
    return $complete;
}

/** Compiles the files that the pages of the shop load, so that no customer waits for it. The build of the image records the list. */
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
