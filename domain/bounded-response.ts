/**
 * Reads the body of a response of `fetch`, after its decompression. Returns undefined and closes the connection when the
 * body has more than `maxBytes` bytes: the server may be hostile or broken, and `response.text()` has no limit.
 */
export async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (response.body === null) return new Uint8Array();
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel();
      return undefined;
    }
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/**
 * Reads the body of a response of `fetch` as UTF-8 text.
 *
 * @throws Error when the body has more than `maxBytes` bytes.
 */
export async function readText(response: Response, maxBytes: number): Promise<string> {
  const bytes = await readBytes(response, maxBytes);
  if (bytes === undefined) throw new Error(`the response has more than ${maxBytes} bytes`);
  return new TextDecoder().decode(bytes);
}
