import { clsx } from 'clsx';
import type { ReactNode } from 'react';

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger';

const TONES: Readonly<Record<Tone, string>> = {
  neutral: 'border-line bg-neutral-soft text-fg',
  info: 'border-info-line bg-info-soft text-info',
  success: 'border-success-line bg-success-soft text-success',
  warning: 'border-warning-line bg-warning-soft text-warning',
  danger: 'border-danger-line bg-danger-soft text-danger',
};
const DOTS: Readonly<Record<Tone, string>> = {
  neutral: 'bg-neutral-dot',
  info: 'bg-info-dot',
  success: 'bg-success-dot',
  warning: 'bg-warning-dot',
  danger: 'bg-danger-dot',
};

export interface BadgeProps {
  readonly tone?: Tone;
  /** Default: true. */
  readonly dot?: boolean;
  /** The dot pulses: something runs. */
  readonly isLive?: boolean;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A short state, such as the status of a store. The text carries the meaning; the colour only repeats it. */
export function Badge({ tone = 'neutral', dot = true, isLive = false, children, className }: BadgeProps) {
  return (
    <span
      className={clsx(
        'inline-flex h-5 items-center gap-1.5 rounded-full border px-2 text-xs font-medium whitespace-nowrap',
        TONES[tone],
        className,
      )}
    >
      {dot && (
        <span aria-hidden="true" className={clsx('size-1.5 rounded-full', DOTS[tone], isLive && 'animate-pulse')} />
      )}
      {children}
    </span>
  );
}
