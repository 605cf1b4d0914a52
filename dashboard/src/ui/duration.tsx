import { formatDuration } from '../text/format.ts';
import { useLanguage } from '../text/language.tsx';
import { useNow } from './use-now.ts';

export type DurationProps =
  | { readonly ms: number; readonly className?: string }
  /** Without an end, the duration grows with the time. */
  | { readonly since: string; readonly until?: string | null; readonly className?: string };

/** A duration. */
export function Duration(props: DurationProps) {
  const { language } = useLanguage();
  const isRunning = 'since' in props && (props.until === undefined || props.until === null);
  const now = useNow(isRunning ? 1_000 : null);
  const ms = 'ms' in props ? props.ms : (isRunning ? now : Date.parse(props.until ?? '')) - Date.parse(props.since);
  return <span className={props.className ?? 'whitespace-nowrap'}>{formatDuration(ms, language)}</span>;
}
