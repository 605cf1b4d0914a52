# Read by `bootstrap`, which holds the lock meanwhile.
if wp core is-installed; then
  wp core update-db
  wp plugin is-active woocommerce || wp plugin activate woocommerce
  wp wc update
else
  # Each of these commands loads WordPress anew: an empty database gets no more of them than it needs.
  # The installer would print the password it makes up; configure.php sets the real one from its file, never an argument.
  wp core install --url="$PUBLIC_URL" --title="$STORE_NAME" --admin_user="$(cat "$SECRETS_DIR/admin-user")" \
    --admin_email=admin@store.invalid --skip-email > /dev/null
  echo 'installed WordPress'
  wp plugin activate woocommerce
fi
wp eval-file /etc/store/configure.php
# By a process that did not set the permalinks itself, or products are missing from the rules.
wp rewrite flush
