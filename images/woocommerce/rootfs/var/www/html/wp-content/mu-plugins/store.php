<?php
/**
 * Plugin Name: Store platform
 * Description: What every store of the platform relies on.
 */

// Queues are worked off by the CronJob, never by a request to the shop's own public address.
add_filter('action_scheduler_allow_async_request_runner', '__return_false');
// Requests to itself would leave the cluster and come back, or be dropped on the way and hang.
add_filter('block_local_requests', '__return_true');
