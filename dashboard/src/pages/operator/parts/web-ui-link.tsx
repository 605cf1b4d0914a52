import { defineTexts, useTexts } from '../../../text/texts.ts';
import { Icon } from '../../../ui/icon.tsx';

const TEXTS = defineTexts({
  en: { open: 'Run', label: (id: string) => `Open the run of ${id} in the Temporal Web UI` },
  de: { open: 'Run', label: (id: string) => `Run von ${id} in der Temporal-Weboberfläche öffnen` },
});

/** A link to the workflow run of an operation in the Temporal Web UI. */
export function WebUiLink({ href, id }: { readonly href: string; readonly id: string }) {
  const t = useTexts(TEXTS);
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      aria-label={t.label(id)}
      className="relative z-10 inline-flex items-center gap-1 rounded-sm whitespace-nowrap text-accent-text hover:underline"
    >
      {t.open}
      <Icon name="external" className="size-3.5" />
    </a>
  );
}
