<?php
/**
 * Used by run-once.sh during the build of the image. As the router of PHP's web server it routes like nginx. On the command line it
 * is the customer who places an order.
 */
function call_store(string $path, array $headers = [], ?array $body = null, string $method = 'GET'): array
{
    $received = [];
    $curl = curl_init(getenv('PUBLIC_URL') . $path);
    curl_setopt_array($curl, [
        CURLOPT_CUSTOMREQUEST => $body === null ? $method : 'POST',
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 60,
        CURLOPT_HTTPHEADER => ['content-type: application/json', ...$headers],
        CURLOPT_HEADERFUNCTION => function ($curl, $line) use (&$received) {
            [$name, $value] = array_pad(explode(':', $line, 2), 2, '');
            $received[strtolower($name)] = trim($value);
            return strlen($line);
        },
    ] + ($body === null ? [] : [CURLOPT_POSTFIELDS => json_encode($body)]));
    $text = (string) curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($status < 200 || $status > 299) {
        fwrite(STDERR, "$path returned $status: " . substr($text, 0, 300) . curl_error($curl) . "\n");
        exit(1);
    }
    return [json_decode($text, true), $received];
}

/** Places a verification order and cancels it like the platform, because the platform is the first customer of every store. */
function place_verification_order(): void
{
    $api = '/wp-json/wc/store/v1';
    $verification_orders = '/wp-json/store-platform/v1/verification/orders';
    $key = hash_hmac('sha256', 'store-platform/verification', trim(file_get_contents(getenv('SECRETS_DIR') . '/auth-key')));
    $merchant = ["x-verification-key: $key"];
    $address = ['first_name' => 'Ada', 'last_name' => 'Build', 'address_1' => 'Street 1', 'city' => 'Utrecht', 'postcode' => '3511 AB', 'country' => 'NL'];
    $addresses = ['billing_address' => $address + ['email' => 'verification@store-platform.invalid'], 'shipping_address' => $address];
    foreach (['/', '/product/sample-product/', '/cart/'] as $page) {
        call_store($page);
    }
    call_store($verification_orders, $merchant);
    [$products] = call_store("$api/products");
    [, $received] = call_store("$api/cart");
    $token = $received['cart-token'] ?? '';
    $customer = ["cart-token: $token"];
    $change = fn (string $path, array $body) => ['method' => 'POST', 'path' => "/wc/store/v1/cart/$path", 'headers' => ['cart-token' => $token], 'body' => $body];
    call_store("$api/batch", $customer, ['requests' => [$change('add-item', ['id' => $products[0]['id'], 'quantity' => 1]), $change('update-customer', $addresses)]]);
    call_store("$api/checkout", $customer, $addresses + ['payment_method' => 'cod', 'customer_note' => 'verification order build.' . hash_hmac('sha256', 'build', $key)]);
    [$cancelled] = call_store($verification_orders, $merchant, method: 'DELETE');
    if (count($cancelled['orders']) !== 1) {
        fwrite(STDERR, 'the verification order was not cancelled: ' . json_encode($cancelled) . "\n");
        exit(1);
    }
}

if (PHP_SAPI === 'cli') {
    for ($tries = 0; !@fsockopen('127.0.0.1', parse_url(getenv('PUBLIC_URL'), PHP_URL_PORT)); $tries++) {
        $tries < 50 || exit(1);
        usleep(100_000);
    }
    place_verification_order();
} else {
    $file = $_SERVER['DOCUMENT_ROOT'] . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
    if (is_file($file)) {
        return false;
    }
    $_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
    $_SERVER['SCRIPT_FILENAME'] = $_SERVER['DOCUMENT_ROOT'] . '/index.php';
    chdir($_SERVER['DOCUMENT_ROOT']);
    require $_SERVER['SCRIPT_FILENAME'];
}
