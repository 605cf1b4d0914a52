<?php
/**
 * Whether configuration, secrets and database are there and the bootstrap has been through: 204, else 503. Loads no
 * plugins, so it changes nothing and takes milliseconds.
 */
define('SHORTINIT', true);
require '/var/www/html/wp-load.php';

$wpdb->suppress_errors();
$seeded = $wpdb->get_var("SELECT option_value FROM {$wpdb->options} WHERE option_name = 'store_platform_seeded'");
http_response_code($seeded === null ? 503 : 204);
