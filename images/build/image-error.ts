/** An error that the user can fix. The message names the problem and the fix; the program prints it without a stack trace. */
export class ImageError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'ImageError';
  }
}
