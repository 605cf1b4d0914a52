/** The part of a Hono application that a browser uses. */
interface Application {
  request(path: string, init?: RequestInit): Response | Promise<Response>;
}

/** Origin under which the browser reaches the application. */
export const OWN_ORIGIN = 'http://localhost';

/** A browser with cookies that follows redirects between an application without a socket and other servers. */
export class TestBrowser {
  readonly #app: Application;
  /** By host, then by name. */
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(app: Application) {
    this.#app = app;
  }

  /** Returns the response to one request. Does not follow a redirect. */
  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const target = new URL(url, OWN_ORIGIN);
    const jar = this.#cookies.get(target.host) ?? new Map<string, string>();
    this.#cookies.set(target.host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) };
    const response =
      target.origin === OWN_ORIGIN
        ? await this.#app.request(`${target.pathname}${target.search}`, { ...init, headers })
        : await fetch(target, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects and returns the addresses, in order, until one that `stopAt` accepts or that is no redirect. */
  async follow(url: string, stopAt: (url: string) => boolean = () => false): Promise<readonly string[]> {
    const visited = [url];
    for (let current = url; visited.length < 20;) {
      if (stopAt(current)) return visited;
      const location = (await this.open(current)).headers.get('location');
      if (location === null) return visited;
      current = new URL(location, new URL(current, OWN_ORIGIN)).href.replace(OWN_ORIGIN, '');
      visited.push(current);
    }
    throw new Error(`too many redirects: ${visited.join(' ')}`);
  }
}
