import { createServer, type ServerResponse } from 'node:http';

export interface FakePublisher {
  readonly url: string;
  /** Paths in the order they were asked for. */
  readonly requests: readonly string[];
  serve(path: string, body: string | Buffer): void;
  /** Promises the whole body and breaks off in the middle. */
  serveHalf(path: string, body: Buffer): void;
  /** Takes the request and never answers. */
  hang(path: string): void;
  /** Begins to answer and then falls silent. */
  stall(path: string, body: Buffer): void;
  close(): Promise<void>;
}

/** A publisher's download host on loopback, for tests. Paths that are not served answer 404. */
export async function createFakePublisher(): Promise<FakePublisher> {
  const answers = new Map<string, (response: ServerResponse) => void>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const answer = answers.get(path);
    if (answer === undefined) response.writeHead(404).end();
    else answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    serve: (path, body) => answers.set(path, (response) => response.end(body)),
    serveHalf: (path, body) => answers.set(path, (response) => beginWithHalf(response, body, () => response.destroy())),
    hang: (path) => answers.set(path, () => undefined),
    stall: (path, body) => answers.set(path, (response) => beginWithHalf(response, body, () => undefined)),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function beginWithHalf(response: ServerResponse, body: Buffer, then: () => void): void {
  response.writeHead(200, { 'content-length': body.byteLength });
  response.write(body.subarray(0, body.byteLength / 2), then);
}
