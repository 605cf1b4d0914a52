<?php
/**
 * Plugin Name: Store platform
 * Description: Settings that every store of the platform needs.
 */

// The container `cron` processes the queues. WordPress must not send requests to its own public address for that.
add_filter('action_scheduler_allow_async_request_runner', '__return_false');
// Requests of WordPress to itself would go through the ingress, or a network policy would drop them and they would hang.
add_filter('block_local_requests', '__return_true');
