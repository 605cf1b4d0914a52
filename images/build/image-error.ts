/** Something that the person at the keyboard can mend: one sentence that names it and says how. */
export class ImageError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'ImageError';
  }
}
