#!/bin/sh
# Unpacks WordPress, WooCommerce and WP-CLI into the layout of the image. The archives are tar.gz or zip with one top-level folder.
set -eu

unpack() { # archive, target: moves the content of the top-level folder of the archive to the target
  mkdir -p /unpacked "$2"
  case "$1" in
    *.zip) unzip -q "$1" -d /unpacked ;;
    *) tar -xzf "$1" -C /unpacked ;;
  esac
  top=$(find /unpacked -mindepth 1 -maxdepth 1 -type d)
  mv "$top"/* "$2"/
  rm -rf /unpacked
}

html=/var/www/html
unpack /archives/wordpress.* "$html"
rm -rf "$html/wp-content/plugins" "$html"/wp-config-sample.php "$html"/readme.html "$html"/license.txt
unpack /archives/woocommerce.* "$html/wp-content/plugins/woocommerce"
install -m 0755 /archives/wp-cli.phar /usr/local/bin/wp

for file in wp-load.php wp-includes/version.php wp-content/plugins/woocommerce/woocommerce.php; do
  [ -f "$html/$file" ] || { echo "the archives do not contain $file" >&2; exit 1; }
done
[ -d "$html/wp-content/plugins/woocommerce/vendor" ] \
  || { echo 'the WooCommerce archive contains sources: use a built plugin' >&2; exit 1; }
mkdir -p "$html/wp-content/mu-plugins" "$html/wp-content/uploads"
chown 10001:10001 "$html/wp-content/uploads"
chmod -R u=rwX,go=rX /var/www
