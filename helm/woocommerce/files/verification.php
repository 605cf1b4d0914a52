// Fills a cart like a customer and opens the checkout. `helm test` runs this script in the cluster.
function call(string $path, string $token = '', ?array $body = null): array {
    $headers = [];
    $curl = curl_init('http://storefront/wp-json/wc/store/v1' . $path);
    curl_setopt_array($curl, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 15,
        CURLOPT_HTTPHEADER => ['content-type: application/json', 'cart-token: ' . $token],
        CURLOPT_HEADERFUNCTION => function ($curl, $line) use (&$headers) {
            [$name, $value] = array_pad(explode(':', $line, 2), 2, '');
            $headers[strtolower($name)] = trim($value);
            return strlen($line);
        },
    ] + ($body === null ? [] : [CURLOPT_POSTFIELDS => json_encode($body)]));
    $text = curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($text === false || $status < 200 || $status > 299) {
        fwrite(STDERR, "$path returned $status: " . substr((string) $text, 0, 300) . curl_error($curl) . "\n");
        exit(1);
    }
    echo "$path: $status\n";
    return [json_decode($text, true), $headers];
}

[$products] = call('/products?per_page=50&stock_status=instock&_fields=id,type,is_purchasable');
$simple = array_values(array_filter($products, fn ($product) => $product['type'] === 'simple' && $product['is_purchasable']));
if ($simple === []) {
    fwrite(STDERR, "the store has no simple product in stock\n");
    exit(1);
}
[, $headers] = call('/cart');
$token = $headers['cart-token'] ?? '';
call('/cart/add-item', $token, ['id' => $simple[0]['id'], 'quantity' => 1]);
[$checkout] = call('/checkout', $token);
echo "the checkout answered with draft order {$checkout['order_id']}\n";
