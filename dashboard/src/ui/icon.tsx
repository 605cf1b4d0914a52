import { clsx } from 'clsx';
import { ICON_PATHS } from './icon-paths.ts';

export type IconName = keyof typeof ICON_PATHS;

/** A picture of 16 × 16 pixels next to a text. With a label, it stands alone. */
export function Icon({
  name,
  label,
  className,
}: {
  readonly name: IconName;
  readonly label?: string;
  readonly className?: string;
}) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={clsx('shrink-0', className?.includes('size-') === true ? '' : 'size-4', className)}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}
