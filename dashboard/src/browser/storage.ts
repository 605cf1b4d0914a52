/** Returns a value that this browser has stored, or null. Browsers may block the storage. */
export function readStored(key: string, storage: () => Storage = () => localStorage): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

/** Stores a value in this browser, or removes it with null. Without storage, the value is lost with the page. */
export function writeStored(key: string, value: string | null, storage: () => Storage = () => localStorage): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // Nothing that the page stores is needed for its work.
  }
}
