/** Placeholder. */
export function CommandPalette(_props: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  return null;
}
