<?php
/** Used while the image is built, see run-once.sh: routes as nginx does, and on the command line is the customer who buys. */
function ask(string $path, string $token = '', ?array $body = null): array
{
    $headers = [];
    $curl = curl_init(getenv('PUBLIC_URL') . $path);
    curl_setopt_array($curl, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 60,
        CURLOPT_HTTPHEADER => ['content-type: application/json', "cart-token: $token"],
        CURLOPT_HEADERFUNCTION => function ($curl, $line) use (&$headers) {
            [$name, $value] = array_pad(explode(':', $line, 2), 2, '');
            $headers[strtolower($name)] = trim($value);
            return strlen($line);
        },
    ] + ($body === null ? [] : [CURLOPT_POSTFIELDS => json_encode($body)]));
    $text = (string) curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($status < 200 || $status > 299) {
        fwrite(STDERR, "$path was answered $status: " . substr($text, 0, 300) . curl_error($curl) . "\n");
        exit(1);
    }
    return [json_decode($text, true), $headers];
}

function buy(): void
{
    $api = '/wp-json/wc/store/v1';
    $address = ['first_name' => 'Ada', 'last_name' => 'Build', 'address_1' => 'Street 1', 'city' => 'Utrecht', 'postcode' => '3511 AB', 'country' => 'NL'];
    $billing = $address + ['email' => 'build@store-platform.invalid'];
    foreach (['/', '/product/sample-product/', '/cart/'] as $page) {
        ask($page);
    }
    [$products] = ask("$api/products");
    [, $headers] = ask("$api/cart");
    $token = $headers['cart-token'] ?? '';
    ask("$api/cart/add-item", $token, ['id' => $products[0]['id'], 'quantity' => 1]);
    ask("$api/cart/update-customer", $token, ['billing_address' => $billing, 'shipping_address' => $address]);
    ask("$api/checkout", $token, ['billing_address' => $billing, 'shipping_address' => $address, 'payment_method' => 'cod']);
}

if (PHP_SAPI === 'cli') {
    for ($tries = 0; !@fsockopen('127.0.0.1', parse_url(getenv('PUBLIC_URL'), PHP_URL_PORT)); $tries++) {
        $tries < 50 || exit(1);
        usleep(100_000);
    }
    buy();
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
