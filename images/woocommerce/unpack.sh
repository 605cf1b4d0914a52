#!/bin/sh
# Lays WordPress, WooCommerce and wp-cli out as the image wants them. Archives: tar.gz or zip, with one folder at the top.
set -eu

unpack() { # archive, folder to become its content
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
  [ -f "$html/$file" ] || { echo "the archives do not hold $file" >&2; exit 1; }
done
[ -d "$html/wp-content/plugins/woocommerce/vendor" ] \
  || { echo 'the WooCommerce archive holds sources: take a built plugin' >&2; exit 1; }
mkdir -p "$html/wp-content/mu-plugins" "$html/wp-content/uploads"
chown 10001:10001 "$html/wp-content/uploads"
chmod -R u=rwX,go=rX /var/www
