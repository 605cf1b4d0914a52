import type { StoreEvent } from '@store-platform/client';
import { clsx } from 'clsx';
import { useState } from 'react';
import { formatInstant } from '../../../text/format.ts';
import { useLanguage } from '../../../text/language.tsx';
import { defineTexts, useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { useNow } from '../../../ui/use-now.ts';
import { useEventLog } from '../data/store.ts';
import { EVENT_TONES, tellsMore, type Tone } from '../model/catalogue.ts';
import { CodeBlock } from '../code-block.tsx';
import { LABELS } from '../texts/labels.ts';

const TEXTS = defineTexts({
  en: {
    title: 'Events',
    count: (count: number) => (count === 1 ? '1 event' : `${count} events`),
    older: 'Show older events',
    number: 'Number',
    correlationId: 'Correlation id',
  },
  de: {
    title: 'Ereignisse',
    count: (count: number) => (count === 1 ? '1 Ereignis' : `${count} Ereignisse`),
    older: 'Ältere Ereignisse anzeigen',
    number: 'Nummer',
    correlationId: 'Korrelations-ID',
  },
});

const FIRST = 10;
const PAGE = 50;

const DOTS: Readonly<Record<Tone, string>> = {
  neutral: 'bg-neutral-dot',
  info: 'bg-info-dot',
  success: 'bg-success-dot',
  warning: 'bg-warning-dot',
  danger: 'bg-danger-dot',
};

/** The events of a store, newest first. */
export function EventsPanel({ storeId }: { readonly storeId: string }) {
  const t = useTexts(TEXTS);
  const [shown, setShown] = useState(FIRST);
  const events = useEventLog(storeId).data ?? [];
  return (
    <Panel title={t.title} actions={<span className="text-xs text-muted">{t.count(events.length)}</span>} isFlush>
      <ol className="divide-y divide-line">
        {events
          .slice(-shown)
          .toReversed()
          .map((event) => (
            <EventItem key={event.seq} event={event} />
          ))}
      </ol>
      {events.length > shown && (
        <div className="flex justify-center border-t border-line p-3">
          <Button onClick={() => setShown(shown + PAGE)}>{t.older}</Button>
        </div>
      )}
    </Panel>
  );
}

function EventItem({ event }: { readonly event: StoreEvent }) {
  const t = useTexts(TEXTS);
  const labels = useTexts(LABELS);
  const [isOpen, setOpen] = useState(false);
  const { seq, type, step, message, data, at, correlationId } = event;
  return (
    <li>
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)} className="group">
        <summary className="grid cursor-pointer list-none grid-cols-[auto_minmax(0,1fr)_auto] items-baseline gap-x-3 px-4 py-2 hover:bg-hover focus-visible:-outline-offset-2 [&::-webkit-details-marker]:hidden">
          <span aria-hidden="true" className={clsx('size-1.5 self-center rounded-full', DOTS[EVENT_TONES[type]])} />
          <span className="min-w-0">
            {labels.event[type]}
            {step !== null && <span className="text-muted"> · {labels.step[step]}</span>}
            {tellsMore(type) && <span className="block text-xs text-muted">{message}</span>}
          </span>
          <span className="flex items-center gap-2 text-xs text-muted">
            <ClockTime value={at} />
            <Icon name="chevron-right" className="size-3.5 transition-transform group-open:rotate-90" />
          </span>
        </summary>
        {isOpen && (
          <div className="grid gap-2 px-4 pb-3 pl-8.5 text-xs">
            <p>{message}</p>
            <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-muted">
              <dt>{t.number}</dt>
              <dd>
                {seq} <code className="font-mono">{type}</code>
              </dd>
              {correlationId !== null && (
                <>
                  <dt>{t.correlationId}</dt>
                  <dd>
                    <code className="font-mono">{correlationId}</code>
                  </dd>
                </>
              )}
            </dl>
            {Object.keys(data).length > 0 && (
              <CodeBlock label={`${labels.event[type]} ${seq}`} text={JSON.stringify(data, null, 2)} />
            )}
          </div>
        )}
      </details>
    </li>
  );
}

/** The local time of an event to the second, with its day unless it is today. Events follow each other too fast for a relative time. */
function ClockTime({ value }: { readonly value: string }) {
  const { language } = useLanguage();
  const at = new Date(value);
  const isToday = at.toDateString() === new Date(useNow(null)).toDateString();
  const format = new Intl.DateTimeFormat(language, {
    ...(isToday ? {} : { dateStyle: 'medium' }),
    timeStyle: 'medium',
  });
  return (
    <time
      dateTime={value}
      title={`${formatInstant(at.getTime(), language)}\n${formatInstant(at.getTime(), language, 'UTC')}`}
    >
      {format.format(at)}
    </time>
  );
}
