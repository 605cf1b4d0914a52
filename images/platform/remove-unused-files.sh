#!/bin/sh
# Removes what no process of the image reads from a folder of npm packages: type declarations, source maps, documents, tests,
# sources of compiled packages, and programs for other systems.
set -eu
cd "$1"
find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' -o -name '*.markdown' \
  -o -name '*.tsbuildinfo' -o -name '*.flow' -o -name '*.test.js' \) -delete
# Prebuilt programs of other operating systems and processors.
releases=@temporalio/core-bridge/releases
find "$releases" -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +
# Prebuilt programs for the runtime Bare, which Node never loads.
find . -type d -path './bare-*/prebuilds' -prune -exec rm -rf {} +
rm -rf @temporalio/core-bridge/sdk-core @temporalio/core-bridge/src @temporalio/core-bridge/target @temporalio/*/src
rm -rf rxjs/src rxjs/dist/bundles rxjs/dist/esm rxjs/dist/esm5 zod/src @grpc/*/src
# The page of the API loads two files of Swagger UI.
find swagger-ui-dist -type f ! -name 'swagger-ui.css' ! -name 'swagger-ui-bundle.js' ! -name 'package.json' ! -name 'LICENSE' \
  ! -name 'NOTICE' -delete
find . -type d -empty -delete
