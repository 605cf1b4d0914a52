/** Never resolved: it only stands for the origin of the API. */
const OWN_ORIGIN = 'http://own.invalid';
const MAX_LENGTH = 500;

/** Page to which a browser is sent if it names no other one: the dashboard. */
export const HOME = '/';

/**
 * Returns the path to which a browser is sent after its login, or the home page if the value is not a path of the API. The
 * value comes from a link, so it must not lead to another origin.
 */
export function ownPath(value: string | undefined): string {
  if (value === undefined || value.length > MAX_LENGTH || !value.startsWith('/')) return HOME;
  if (!URL.canParse(value, OWN_ORIGIN)) return HOME;
  const { origin, pathname, search, hash } = new URL(value, OWN_ORIGIN);
  // `/.//host` has the right origin, but the path `//host`, which a browser reads as another host.
  return origin === OWN_ORIGIN && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : HOME;
}
