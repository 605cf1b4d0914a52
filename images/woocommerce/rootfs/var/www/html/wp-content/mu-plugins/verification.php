<?php
/**
 * Plugin Name: Store verification
 * Description: Lists and cancels the verification orders of the platform, and reports whether the scheduled tasks run. Changes no other order.
 */

namespace StorePlatform\Verification;

const EMAIL = 'verification@store-platform.invalid';
const MAILS = ['new_order', 'cancelled_order', 'failed_order', 'customer_processing_order', 'customer_on_hold_order', 'customer_cancelled_order'];
const MAX_ORDERS = 50;
/** The container `cron` skips this event while the queue is empty. */
const QUEUE_EVENT = 'action_scheduler_run_queue';

/** Returns the API key. Plugin and platform derive it from the secret `auth-key`, so neither has to store another secret. */
function key(): string
{
    return hash_hmac('sha256', 'store-platform/verification', AUTH_KEY);
}

/**
 * Returns the verification id when the platform placed the order, else null. A customer can enter the same e-mail address but cannot
 * compute the HMAC in the note.
 */
function verification_id_of(\WC_Order $order): ?string
{
    if ($order->get_billing_email() !== EMAIL || !preg_match('/^verification order ([A-Za-z0-9-]{1,64})\.([0-9a-f]{64})$/', $order->get_customer_note(), $match)) {
        return null;
    }
    return hash_equals(hash_hmac('sha256', $match[1], key()), $match[2]) ? $match[1] : null;
}

/** @return \WC_Order[] newest first */
function verification_orders(): array
{
    $orders = wc_get_orders([
        'type' => 'shop_order',
        'status' => [...array_keys(wc_get_order_statuses()), 'wc-checkout-draft'],
        'billing_email' => EMAIL,
        'limit' => MAX_ORDERS,
    ]);
    return array_values(array_filter($orders, fn ($order) => verification_id_of($order) !== null));
}

/** Returns the representation of an order in the API. */
function order_resource(\WC_Order $order): array
{
    return [
        'id' => $order->get_id(),
        'number' => $order->get_order_number(),
        'status' => $order->get_status(),
        'total' => $order->get_total(),
        'currency' => $order->get_currency(),
        'verification_id' => verification_id_of($order),
    ];
}

/** Cancels and deletes an order. Only the cancellation returns the stock; a deletion does not. */
function cancel_order(\WC_Order $order): void
{
    if (!$order->has_status(['cancelled', 'checkout-draft'])) {
        $order->update_status('cancelled', 'Verification order.');
    }
    $order->delete(true);
}

/** Returns the seconds since when the oldest scheduled task waits, 0 when none is due. */
function overdue_seconds(): int
{
    $due = array_filter(_get_cron_array(), fn (array $hooks) => array_diff(array_keys($hooks), [QUEUE_EVENT]) !== []);
    return $due === [] ? 0 : max(0, time() - min(array_keys($due)));
}

function is_authorized(\WP_REST_Request $request): bool
{
    return hash_equals(key(), (string) $request->get_header('x-verification-key'));
}

add_action('rest_api_init', function (): void {
    register_rest_route('store-platform/v1', '/verification/orders', [
        [
            'methods' => 'GET',
            'permission_callback' => is_authorized(...),
            'callback' => fn () => ['orders' => array_map(order_resource(...), verification_orders())],
        ],
        [
            'methods' => 'DELETE',
            'permission_callback' => is_authorized(...),
            'callback' => function (): array {
                $orders = verification_orders();
                $cancelled = array_map(order_resource(...), $orders);
                array_map(cancel_order(...), $orders);
                return ['orders' => $cancelled];
            },
        ],
    ]);
    register_rest_route('store-platform/v1', '/scheduled-tasks', [
        'methods' => 'GET',
        // Not even the number of tasks is in the response, so it needs no key.
        'permission_callback' => '__return_true',
        'callback' => fn () => ['overdue_seconds' => overdue_seconds()],
    ]);
});

// Verification orders send no e-mail.
foreach (MAILS as $mail) {
    add_filter("woocommerce_email_enabled_$mail", fn ($enabled, $order = null) => $enabled && !($order instanceof \WC_Order && verification_id_of($order) !== null), 10, 2);
}
