/** Sends the browser to the login page, which leads back to this page. */
export function goToLogin(): void {
  const { pathname, search, hash } = location;
  location.assign(loginPath(`${pathname}${search}${hash}`));
}

/** Returns the path of the login page that leads to `path` afterwards. */
export function loginPath(path: string): string {
  return path === '/' ? '/login' : `/login?next=${encodeURIComponent(path)}`;
}
