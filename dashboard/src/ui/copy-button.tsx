import { useEffect, useState } from 'react';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Button } from './button.tsx';

const TEXTS = defineTexts({
  en: { copy: 'Copy', copied: 'Copied', failed: 'The browser did not copy the text' },
  de: { copy: 'Kopieren', copied: 'Kopiert', failed: 'Der Browser hat den Text nicht kopiert' },
});
const SHOWN_MS = 2_000;

/** Copies a text. */
export function CopyButton({
  text,
  label,
  isSquare = true,
  size = 'sm',
}: {
  readonly text: string;
  /** The action: "Copy the correlation id". Default: "Copy". */
  readonly label?: string;
  /** Shows only the icon. */
  readonly isSquare?: boolean;
  readonly size?: 'sm' | 'md';
}) {
  const t = useTexts(TEXTS);
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  };
  const name = label ?? t.copy;
  const icon = outcome === 'copied' ? 'check' : outcome === 'failed' ? 'warning' : 'copy';
  return (
    <>
      <Button
        variant={isSquare ? 'ghost' : 'secondary'}
        size={size}
        isSquare={isSquare}
        icon={icon}
        onClick={copy}
        {...(isSquare ? { 'aria-label': name, title: name } : {})}
      >
        {isSquare ? undefined : outcome === undefined ? name : t[outcome]}
      </Button>
      <output className="sr-only">{outcome !== undefined && t[outcome]}</output>
    </>
  );
}
