import { Icon } from '../../../ui/icon.tsx';
import { useProblemText } from './problem-text.ts';

/** Says above a form why its request failed. */
export function FormError({ error }: { readonly error: unknown }) {
  const textOf = useProblemText();
  if (error === null || error === undefined) return null;
  return (
    <p role="alert" className="flex gap-2 rounded-md border border-danger-line bg-danger-soft p-3 text-sm">
      <Icon name="alert" className="mt-0.5 text-danger" />
      {textOf(error)}
    </p>
  );
}
