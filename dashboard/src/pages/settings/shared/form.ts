import { ApiError } from '@store-platform/client';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { newKey } from '../../../browser/new-key.ts';

/** The error of each field, by the name of the field. */
export type FieldErrors = Readonly<Record<string, string>>;

const NO_ERRORS: FieldErrors = {};

/** Returns the fields of the body that the API did not accept. */
export function fieldErrorsOf(error: unknown): FieldErrors {
  const errors = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  const ofBody = errors.filter((each) => each.in === 'body');
  return Object.fromEntries(ofBody.map(({ pointer, detail }) => [pointer.split('/')[1] ?? '', detail]));
}

export interface FormOptions<Result> {
  /** Returns what must be changed before the form is sent. */
  readonly check?: (values: FormData) => FieldErrors;
  /** Sends the form. The key stays the same until the values change or the request succeeds. */
  readonly send: (values: FormData, key: string) => Promise<Result>;
  readonly onDone: (result: Result) => void;
  /** Returns the fields that an error of the request concerns. Default: those that the API names. */
  readonly rejectedFields?: (error: unknown) => FieldErrors;
  /** Names of the fields that show their own error. An error of another field is shown above the form. */
  readonly fields: readonly string[];
}

/**
 * Sends a form once at a time, with one idempotency key for equal values, so that a double click or a repetition after a lost
 * response has one effect. Moves the focus to the first field with an error.
 */
export function useForm<Result>({ check, send, onDone, rejectedFields = fieldErrorsOf, fields }: FormOptions<Result>) {
  const form = useRef<HTMLFormElement>(null);
  const isSending = useRef(false);
  const sent = useRef({ values: '', key: '' });
  const [checked, setChecked] = useState(NO_ERRORS);
  const mutation = useMutation({
    mutationFn: async (values: FormData) => await send(values, keyOf(values)),
    onSuccess: (result) => {
      sent.current = { values: '', key: '' };
      onDone(result);
    },
    onSettled: () => {
      isSending.current = false;
    },
  });

  function keyOf(values: FormData): string {
    const text = JSON.stringify([...values]);
    if (sent.current.values !== text) sent.current = { values: text, key: newKey() };
    return sent.current.key;
  }

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    // Two clicks can come before the button is drawn again.
    if (isSending.current) return;
    const values = new FormData(event.currentTarget);
    const found = check?.(values) ?? NO_ERRORS;
    setChecked(found);
    mutation.reset();
    if (Object.keys(found).length > 0) return;
    isSending.current = true;
    mutation.mutate(values);
  }

  const rejected = mutation.error === null ? NO_ERRORS : rejectedFields(mutation.error);
  const errors = Object.keys(checked).length > 0 ? checked : rejected;
  const isShownAtField = Object.keys(rejected).some((name) => fields.includes(name));
  useEffect(() => {
    if (errors !== NO_ERRORS) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    // The errors of a request are new with each attempt.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [checked, mutation.error]);

  return {
    form: { ref: form, onSubmit: submit, noValidate: true },
    errors,
    /** The error that belongs to no field. */
    error: isShownAtField ? null : mutation.error,
    pending: mutation.isPending,
  };
}

/** Returns a text of a form without the space around it. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
