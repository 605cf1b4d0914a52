# `bootstrap` runs this file while it holds the setup lock.
if wp core is-installed; then
  wp core update-db
  wp plugin is-active woocommerce || wp plugin activate woocommerce
  wp wc update
else
  # Each command loads WordPress again, so an empty database runs only the commands that it needs.
  # The installer prints the password that it generates, so its output is discarded. configure.php sets the real password from a file.
  wp core install --url="$PUBLIC_URL" --title="$STORE_NAME" --admin_user="$(cat "$SECRETS_DIR/admin-user")" \
    --admin_email=admin@store.invalid --skip-email > /dev/null
  echo 'installed WordPress'
  wp plugin activate woocommerce
fi
wp eval-file /etc/store/configure.php
# Runs in a new process. In the process that sets the permalinks, the rewrite rules would lack the products.
wp rewrite flush
