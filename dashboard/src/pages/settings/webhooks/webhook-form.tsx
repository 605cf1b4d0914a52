import type { Webhook } from '@store-platform/client';
import { useId, useState } from 'react';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Choices } from '../shared/choices.tsx';
import { FormError } from '../shared/form-error.tsx';
import { textOf, useForm, type FieldErrors } from '../shared/form.ts';
import { EVENT_TYPES, RESULT_TYPES, type EventType } from './event-types.ts';
import { WEBHOOK_TEXTS } from './texts.ts';

export interface WebhookFields {
  readonly url: string;
  readonly description: string;
  readonly eventTypes: EventType[] | null;
}

export interface WebhookFormProps<Result> {
  /** The webhook that is changed. Undefined: a new one. */
  readonly webhook?: Webhook;
  readonly submitLabel: string;
  readonly send: (fields: WebhookFields, key: string) => Promise<Result>;
  readonly onDone: (result: Result) => void;
  readonly onCancel: () => void;
}

/** The fields of a webhook. */
export function WebhookForm<Result>({ webhook, submitLabel, send, onDone, onCancel }: WebhookFormProps<Result>) {
  const t = useTexts(WEBHOOK_TEXTS).form;
  const [events, setEvents] = useState<'all' | 'some'>(
    webhook === undefined || webhook.eventTypes === null ? 'all' : 'some',
  );
  const { form, errors, error, pending } = useForm({
    fields: ['url', 'description', 'eventTypes'],
    check: (values) => checkWebhook(fieldsOf(values), t),
    send: (values, key) => send(fieldsOf(values), key),
    onDone,
  });
  return (
    <form {...form} className="grid gap-4">
      <FormError error={error} />
      <Field label={t.url} hint={t.urlHint} error={errors['url']}>
        <Input
          name="url"
          type="url"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          maxLength={2_000}
          placeholder="https://example.com/webhooks"
          defaultValue={webhook?.url}
        />
      </Field>
      <Field label={t.description} isOptional optionalText={t.optional} error={errors['description']}>
        <Input name="description" autoComplete="off" maxLength={255} defaultValue={webhook?.description} />
      </Field>
      <Choices
        legend={t.events}
        name="events"
        value={events}
        onChange={setEvents}
        choices={[
          { value: 'all', label: t.all, hint: t.allHint },
          { value: 'some', label: t.some, hint: t.someHint },
        ]}
      />
      {events === 'some' && <TypeList chosen={webhook?.eventTypes ?? RESULT_TYPES} error={errors['eventTypes']} />}
      <div className="flex flex-wrap justify-end gap-2 border-t border-line pt-4">
        <Button onClick={onCancel}>{t.cancel}</Button>
        <Button type="submit" variant="primary" pending={pending}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}

function TypeList({ chosen, error }: { readonly chosen: readonly EventType[]; readonly error: string | undefined }) {
  const t = useTexts(WEBHOOK_TEXTS).form;
  const id = useId();
  return (
    <fieldset aria-describedby={error === undefined ? undefined : id}>
      <legend className="mb-2 text-sm font-medium">{t.types}</legend>
      <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
        {EVENT_TYPES.map((type, index) => (
          <Checkbox
            key={type}
            name="eventTypes"
            value={type}
            defaultChecked={chosen.includes(type)}
            label={<code className="font-mono text-xs">{type}</code>}
            aria-invalid={(error !== undefined && index === 0) || undefined}
          />
        ))}
      </div>
      {error !== undefined && (
        <p id={id} className="mt-2 flex gap-1 text-xs text-danger">
          <Icon name="alert" className="mt-px size-3.5" />
          {error}
        </p>
      )}
    </fieldset>
  );
}

function fieldsOf(values: FormData): WebhookFields {
  return {
    url: textOf(values, 'url'),
    description: textOf(values, 'description'),
    // The form offers only types that the API knows.
    eventTypes: values.get('events') === 'all' ? null : (values.getAll('eventTypes') as EventType[]),
  };
}

function checkWebhook(
  { url, eventTypes }: WebhookFields,
  t: { readonly urlMissing: string; readonly urlWrong: string; readonly typesMissing: string },
): FieldErrors {
  const urlError = url === '' ? t.urlMissing : /^https?:\/\/\S+$/i.test(url) ? undefined : t.urlWrong;
  return {
    ...(urlError === undefined ? {} : { url: urlError }),
    ...(eventTypes?.length === 0 ? { eventTypes: t.typesMissing } : {}),
  };
}
