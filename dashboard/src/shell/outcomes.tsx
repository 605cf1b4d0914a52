/** Placeholder. */
export function Outcomes() {
  return null;
}
