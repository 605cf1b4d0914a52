import { createServer, type ServerResponse } from 'node:http';

export interface FakePublisher {
  readonly url: string;
  /** Paths in the order of the requests. */
  readonly requests: readonly string[];
  /** Answers with the body. */
  serve(path: string, body: string | Buffer): void;
  /** Announces the whole body and closes the connection after half of it. */
  serveHalf(path: string, body: Buffer): void;
  /** Accepts the request and never responds. */
  hang(path: string): void;
  /** Sends half of the body and then nothing more. */
  stall(path: string, body: Buffer): void;
  close(): Promise<void>;
}

/** Starts a publisher's download server on loopback, for tests. Unknown paths return 404. */
export async function createFakePublisher(): Promise<FakePublisher> {
  const responders = new Map<string, (response: ServerResponse) => void>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const respond = responders.get(path);
    if (respond === undefined) response.writeHead(404).end();
    else respond(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    serve: (path, body) => responders.set(path, (response) => response.end(body)),
    serveHalf: (path, body) => responders.set(path, (response) => sendHalf(response, body, () => response.destroy())),
    hang: (path) => responders.set(path, () => undefined),
    stall: (path, body) => responders.set(path, (response) => sendHalf(response, body, () => undefined)),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function sendHalf(response: ServerResponse, body: Buffer, then: () => void): void {
  response.writeHead(200, { 'content-length': body.byteLength });
  response.write(body.subarray(0, body.byteLength / 2), then);
}
