<?php
/**
 * Settings of one store. Plain settings come from environment variables, each secret from its own file. A missing one stops WordPress,
 * which would otherwise generate its own salts.
 * WP-CLI evaluates this file inside a function, so it must not define globals, only constants and functions.
 */
function store_refuse(string $reason): never
{
    error_log('store: ' . $reason);
    if (PHP_SAPI !== 'cli') {
        http_response_code(503);
        header('Retry-After: 5');
        header('Content-Type: application/json');
        echo '{"code":"store_unavailable","message":"The store is not available at the moment."}';
    }
    exit(1);
}

function store_setting(string $name): string
{
    $value = getenv($name);
    return $value === false || $value === '' ? store_refuse("the environment variable $name is missing") : $value;
}

function store_secret(string $key): string
{
    $value = @file_get_contents(store_setting('SECRETS_DIR') . "/$key");
    return $value === false || $value === '' ? store_refuse("the secret $key is missing") : $value;
}

define('DB_HOST', store_setting('DB_HOST'));
define('DB_NAME', store_setting('DB_NAME'));
define('DB_USER', store_setting('DB_USER'));
define('DB_PASSWORD', store_secret('db-password'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');

define('AUTH_KEY', store_secret('auth-key'));
define('SECURE_AUTH_KEY', store_secret('secure-auth-key'));
define('LOGGED_IN_KEY', store_secret('logged-in-key'));
define('NONCE_KEY', store_secret('nonce-key'));
define('AUTH_SALT', store_secret('auth-salt'));
define('SECURE_AUTH_SALT', store_secret('secure-auth-salt'));
define('LOGGED_IN_SALT', store_secret('logged-in-salt'));
define('NONCE_SALT', store_secret('nonce-salt'));

// A fixed public address, so that a forged Host header cannot change the links.
define('WP_HOME', store_setting('PUBLIC_URL'));
define('WP_SITEURL', WP_HOME);
if (str_starts_with(WP_HOME, 'https:')) {
    // The ingress terminates TLS. Without this setting WordPress redirects to itself in a loop.
    $_SERVER['HTTPS'] = 'on';
}

// The code is part of the image. An upgrade deploys a new image.
define('DISALLOW_FILE_MODS', true);
define('DISALLOW_FILE_EDIT', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_AUTO_UPDATE_CORE', false);
define('FS_METHOD', 'direct');
define('WP_TEMP_DIR', '/tmp');

// The container `cron` runs the cron events.
define('DISABLE_WP_CRON', true);
// External requests are mostly for news and advertisements, and they hang when a network policy blocks egress.
define('WP_HTTP_BLOCK_EXTERNAL', getenv('EXTERNAL_REQUESTS') !== 'allowed');
// With the default threshold every order writes a debug log file to the uploads.
define('WC_LOG_THRESHOLD', 'warning');
define('WP_MEMORY_LIMIT', '128M');
define('WP_MAX_MEMORY_LIMIT', '128M');
define('WP_DEBUG', false);

$table_prefix = 'wp_';

if (!defined('ABSPATH')) {
    define('ABSPATH', '/var/www/html/');
}
require_once ABSPATH . 'wp-settings.php';
