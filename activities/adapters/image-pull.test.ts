import { expect, test } from '@jest/globals';
import { isDefinitePullRefusal } from './image-pull.ts';

const RESOLVE =
  'Failed to pull image "shop:1": rpc error: code = Unknown desc = failed to resolve reference "r/shop:1": ';

test.each([
  'Failed to pull image "shop:1": rpc error: code = NotFound desc = failed to pull and unpack image "r/shop:1": r/shop:1: not found',
  `${RESOLVE}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
  `${RESOLVE}failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized`,
  `${RESOLVE}unexpected status from HEAD request to https://r/v2/shop/manifests/1: 403 Forbidden`,
  'Failed to pull image "shop:1": manifest unknown: manifest unknown',
])('a registry that refuses an image has decided: %s', (message) => {
  expect(isDefinitePullRefusal(message)).toBe(true);
});

test.each([
  `${RESOLVE}unexpected status from HEAD request to https://r/v2/shop/manifests/1: 503 Service Unavailable`,
  `${RESOLVE}unexpected status code https://r/v2/shop/manifests/1: 429 Too Many Requests`,
  `${RESOLVE}failed to do request: Head "https://r:5000/v2/": dial tcp 10.0.0.1:5000: i/o timeout`,
  `${RESOLVE}failed to do request: Head "https://r/v2/": dial tcp: lookup r: no such host`,
  `${RESOLVE}failed to authorize: failed to fetch oauth token: unexpected status: 502 Bad Gateway`,
  'Failed to pull image "shop:1": write /var/lib/containerd: no space left on device',
  'Back-off pulling image "shop:1"',
])('an error that can pass is no decision: %s', (message) => {
  expect(isDefinitePullRefusal(message)).toBe(false);
});
