<?php
/**
 * Fills an empty shop once. Later runs leave the settings of the merchant unchanged and repeat only what the platform needs.
 * `wp eval-file` runs this file after the activation of WooCommerce.
 */
use Automattic\WooCommerce\Utilities\OrderUtil;

/** Enables high-performance order storage before the first order. WooCommerce itself enables it at the first request to the admin. */
function store_prepare_orders(bool $is_new): void
{
    if ($is_new) {
        // Set before newly_installed, which adds the missing options with `yes`.
        update_option('woocommerce_coming_soon', 'no');
        update_option('woocommerce_store_pages_only', 'no');
        WC_Install::newly_installed();
    }
    if (!OrderUtil::custom_orders_table_usage_is_enabled()) {
        WP_CLI::error('WooCommerce does not store orders in its own tables');
    }
}

function store_admin(): void
{
    $login = trim(store_secret('admin-user'));
    $password = store_secret('admin-password');
    $user = get_user_by('login', $login);
    if (!$user) {
        WP_CLI::error('the admin user does not exist');
    }
    if (!wp_check_password($password, $user->user_pass, $user->ID)) {
        wp_set_password($password, $user->ID);
    }
}

function store_options(string $country): void
{
    $options = [
        'woocommerce_default_country' => $country,
        'woocommerce_currency' => strtoupper(store_setting('STORE_CURRENCY')),
        'woocommerce_allowed_countries' => 'specific',
        'woocommerce_specific_allowed_countries' => [$country],
        'woocommerce_calc_taxes' => 'no',
        'woocommerce_enable_guest_checkout' => 'yes',
        'woocommerce_allow_tracking' => 'no',
        'woocommerce_show_marketplace_suggestions' => 'no',
        'woocommerce_merchant_email_notifications' => 'no',
        'woocommerce_feature_remote_logging_enabled' => 'no',
        'woocommerce_feature_order_attribution_enabled' => 'no',
        // E-mails go through the queue, because a slow mail server must not delay a checkout.
        'woocommerce_feature_deferred_transactional_emails_enabled' => 'yes',
        'woocommerce_onboarding_profile' => ['skipped' => true],
        'woocommerce_task_list_hidden_lists' => ['setup', 'extended'],
        'default_comment_status' => 'closed',
        'default_ping_status' => 'closed',
    ];
    foreach ($options as $name => $value) {
        update_option($name, $value);
    }
}

function store_pages(): void
{
    global $wp_rewrite;
    $wp_rewrite->set_permalink_structure('/%postname%/');
    foreach (['shop', 'cart', 'checkout', 'myaccount'] as $page) {
        if (!get_post(wc_get_page_id($page))) {
            WC_Install::create_pages();
            break;
        }
    }
    foreach ([['hello-world', 'post'], ['sample-page', 'page']] as [$slug, $type]) {
        $sample = get_page_by_path($slug, OBJECT, $type);
        if ($sample) {
            wp_delete_post($sample->ID, true);
        }
    }
    update_option('show_on_front', 'page');
    update_option('page_on_front', wc_get_page_id('shop'));
}

function store_shipping(string $country): void
{
    $zones = array_filter(WC_Shipping_Zones::get_zones(), fn ($zone) => $zone['zone_name'] === $country);
    $zone = $zones ? new WC_Shipping_Zone(array_key_first($zones)) : new WC_Shipping_Zone();
    if (!$zones) {
        $zone->set_zone_name($country);
        $zone->add_location($country, 'country');
        $zone->save();
    }
    $methods = array_filter($zone->get_shipping_methods(), fn ($method) => $method->id === 'flat_rate');
    $instance = $methods ? array_key_first($methods) : $zone->add_shipping_method('flat_rate');
    $rate = new WC_Shipping_Flat_Rate($instance);
    update_option($rate->get_instance_option_key(), ['title' => 'Flat rate', 'tax_status' => 'none', 'cost' => '5']);
}

/** Returns the attachment with the picture of the sample product, which it draws, or 0 when that fails: the product can do without. */
function store_sample_picture(): int
{
    $known = get_page_by_path('sample-product-picture', OBJECT, 'attachment');
    if ($known) {
        return $known->ID;
    }
    $image = imagecreatetruecolor(800, 800);
    $color = fn (int ...$rgb) => imagecolorallocate($image, ...$rgb);
    imagefill($image, 0, 0, $color(236, 239, 243));
    // A box: front, lid and tape.
    imagefilledrectangle($image, 200, 330, 600, 620, $color(196, 154, 108));
    imagefilledpolygon($image, [200, 330, 260, 230, 540, 230, 600, 330], $color(222, 184, 135));
    imagefilledpolygon($image, [370, 330, 380, 230, 420, 230, 430, 330], $color(176, 134, 88));
    imagefilledrectangle($image, 370, 330, 430, 430, $color(176, 134, 88));
    ob_start();
    imagepng($image);
    $file = wp_upload_bits('sample-product.png', null, (string) ob_get_clean());
    if ($file['error']) {
        WP_CLI::warning("the sample product has no picture: {$file['error']}");
        return 0;
    }
    require_once ABSPATH . 'wp-admin/includes/image.php';
    $post = ['post_title' => 'Sample product', 'post_name' => 'sample-product-picture', 'post_mime_type' => 'image/png'];
    $id = wp_insert_attachment($post, $file['file']);
    wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file['file']));
    update_post_meta($id, '_wp_attachment_image_alt', 'A cardboard box');
    return $id;
}

function store_sample_product(): void
{
    if (wc_get_product_id_by_sku('sample-1')) {
        return;
    }
    $product = new WC_Product_Simple();
    $product->set_name('Sample product');
    $product->set_short_description('Shows what a product looks like. Change it or delete it in the admin.');
    $product->set_sku('sample-1');
    $product->set_regular_price('12.50');
    $product->set_manage_stock(true);
    $product->set_stock_quantity(100);
    $product->set_image_id(store_sample_picture());
    $product->set_status('publish');
    $product->save();
}

$is_new = get_option('store_platform_seeded') === false;
store_prepare_orders($is_new);
if ($is_new) {
    $country = strtoupper(store_setting('STORE_COUNTRY'));
    store_admin();
    store_options($country);
    store_pages();
    (new WC_Gateway_COD())->update_option('enabled', 'yes');
    store_shipping($country);
    store_sample_product();
    add_option('store_platform_seeded', gmdate('c'), '', false);
}
// Schedules the recurring actions now. WooCommerce would schedule them a day later.
do_action('action_scheduler_ensure_recurring_actions');
WP_CLI::success($is_new ? 'the shop can take orders' : 'the shop is up to date; its settings are unchanged');
