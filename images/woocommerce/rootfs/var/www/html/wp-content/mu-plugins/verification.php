<?php
/**
 * Plugin Name: Store verification
 * Description: Takes back the orders by which the platform proves that this shop sells, and touches no others.
 */

namespace StorePlatform\Verification;

const EMAIL = 'verification@store-platform.invalid';
const MAILS = ['new_order', 'cancelled_order', 'failed_order', 'customer_processing_order', 'customer_on_hold_order', 'customer_cancelled_order'];
const MAX_ORDERS = 50;

/** Both sides derive it from the store's secret `auth-key`, so there is none to hand out or to forget. */
function key(): string
{
    return hash_hmac('sha256', 'store-platform/verification', AUTH_KEY);
}

/** The probe's id when the platform made the order, else null: a customer may write the same e-mail address, but not the seal. */
function verification_id_of(\WC_Order $order): ?string
{
    if ($order->get_billing_email() !== EMAIL || !preg_match('/^verification order ([A-Za-z0-9-]{1,64})\.([0-9a-f]{64})$/', $order->get_customer_note(), $mark)) {
        return null;
    }
    return hash_equals(hash_hmac('sha256', $mark[1], key()), $mark[2]) ? $mark[1] : null;
}

/** @return \WC_Order[] newest first */
function verification_orders(): array
{
    $found = wc_get_orders([
        'type' => 'shop_order',
        'status' => [...array_keys(wc_get_order_statuses()), 'wc-checkout-draft'],
        'billing_email' => EMAIL,
        'limit' => MAX_ORDERS,
    ]);
    return array_values(array_filter($found, fn ($order) => verification_id_of($order) !== null));
}

function shown(\WC_Order $order): array
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

/** Cancelling first: a deleted order never gives its stock back. */
function take_back(\WC_Order $order): void
{
    if (!$order->has_status(['cancelled', 'checkout-draft'])) {
        $order->update_status('cancelled', 'Verification order.');
    }
    $order->delete(true);
}

function may(\WP_REST_Request $request): bool
{
    return hash_equals(key(), (string) $request->get_header('x-verification-key'));
}

add_action('rest_api_init', function (): void {
    register_rest_route('store-platform/v1', '/verification/orders', [
        [
            'methods' => 'GET',
            'permission_callback' => may(...),
            'callback' => fn () => ['orders' => array_map(shown(...), verification_orders())],
        ],
        [
            'methods' => 'DELETE',
            'permission_callback' => may(...),
            'callback' => function (): array {
                $orders = verification_orders();
                $gone = array_map(shown(...), $orders);
                array_map(take_back(...), $orders);
                return ['orders' => $gone];
            },
        ],
    ]);
});

// Nobody is to be written to about an order that nobody made.
foreach (MAILS as $mail) {
    add_filter("woocommerce_email_enabled_$mail", fn ($enabled, $order = null) => $enabled && !($order instanceof \WC_Order && verification_id_of($order) !== null), 10, 2);
}
