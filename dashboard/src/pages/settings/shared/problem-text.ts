import { ApiError, ConnectionError, type Problem } from '@store-platform/client';
import { toast } from 'sonner';
import { defineTexts, useTexts } from '../../../text/texts.ts';

const TEXTS = defineTexts({
  en: {
    unreachable: 'The API does not respond. Try again.',
    codes: {
      FORBIDDEN: 'Your role does not allow this.',
      LAST_ADMIN: 'This is the only admin of the tenant. Make another member an admin first.',
      MEMBER_NOT_FOUND: 'This person is no longer a member of the tenant.',
      INVITATION_NOT_FOUND: 'The invitation is no longer open.',
      TOKEN_NOT_FOUND: 'The token does not exist any more.',
      SERVICE_ACCOUNT_NOT_FOUND: 'The service account does not exist any more.',
      SESSION_NOT_FOUND: 'The session has already ended.',
      WEBHOOK_NOT_FOUND: 'The webhook does not exist any more.',
      WEBHOOK_DISABLED: 'The webhook is disabled. Enable it first.',
      DELIVERY_OPEN: 'The delivery has not ended yet. The platform attempts it again by itself.',
      DELIVERY_NOT_FOUND: 'The delivery or its event was erased.',
      PRECONDITION_FAILED: 'The webhook was changed by someone else. Look at it again, and then repeat your change.',
      LOGIN_THROTTLED: 'Too many wrong passwords. Wait 15 minutes.',
      RATE_LIMITED: 'Too many requests. Wait a moment.',
    },
    webhookLimit: (limit: number) => `The tenant has ${limit} of ${limit} webhooks. Delete one first.`,
  },
  de: {
    unreachable: 'Die API antwortet nicht. Versuchen Sie es erneut.',
    codes: {
      FORBIDDEN: 'Ihre Rolle erlaubt das nicht.',
      LAST_ADMIN:
        'Das ist der einzige Administrator des Mandanten. Machen Sie zuerst ein anderes Mitglied zum Administrator.',
      MEMBER_NOT_FOUND: 'Diese Person ist kein Mitglied des Mandanten mehr.',
      INVITATION_NOT_FOUND: 'Die Einladung ist nicht mehr offen.',
      TOKEN_NOT_FOUND: 'Das Token gibt es nicht mehr.',
      SERVICE_ACCOUNT_NOT_FOUND: 'Das Dienstkonto gibt es nicht mehr.',
      SESSION_NOT_FOUND: 'Die Sitzung ist bereits beendet.',
      WEBHOOK_NOT_FOUND: 'Den Webhook gibt es nicht mehr.',
      WEBHOOK_DISABLED: 'Der Webhook ist deaktiviert. Aktivieren Sie ihn zuerst.',
      DELIVERY_OPEN: 'Die Zustellung ist noch nicht beendet. Die Plattform versucht sie von selbst erneut.',
      DELIVERY_NOT_FOUND: 'Die Zustellung oder ihr Ereignis wurde gelöscht.',
      PRECONDITION_FAILED:
        'Jemand anderes hat den Webhook geändert. Sehen Sie ihn sich erneut an und wiederholen Sie dann Ihre Änderung.',
      LOGIN_THROTTLED: 'Zu viele falsche Passwörter. Warten Sie 15 Minuten.',
      RATE_LIMITED: 'Zu viele Anfragen. Warten Sie einen Moment.',
    },
    webhookLimit: (limit: number) => `Der Mandant hat ${limit} von ${limit} Webhooks. Löschen Sie zuerst einen.`,
  },
});

/** Returns a function that says in the language of the person why a request failed, and what to do. */
export function useProblemText(): (error: unknown) => string {
  const t = useTexts(TEXTS);
  const codes: Partial<Record<Problem['code'], string>> = t.codes;
  return (error) => {
    if (error instanceof ConnectionError) return t.unreachable;
    if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
    const { problem } = error;
    if (problem?.code === 'WEBHOOK_LIMIT_REACHED' && problem.limit !== undefined) return t.webhookLimit(problem.limit);
    return (problem === undefined ? undefined : codes[problem.code]) ?? error.message;
  };
}

/** Returns a function that shows a failed action as a toast. The toast has the correlation id of the request. */
export function useFailureToast(): (title: string, error: unknown) => void {
  const textOf = useProblemText();
  return (title, error) => {
    const id = error instanceof ApiError ? error.problem?.correlationId : undefined;
    toast.error(title, { description: id === undefined ? textOf(error) : `${textOf(error)} (${id})` });
  };
}
