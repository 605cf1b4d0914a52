import { defineTexts } from '../../../text/texts.ts';

/** Texts of the page of operations. */
export const HELD_TEXTS = defineTexts({
  en: {
    title: 'Held operations',
    description:
      'Operations of all tenants that have not ended. A held one waits for a decision, and is aborted when its hold expires.',
    status: 'Status',
    tenant: 'Tenant',
    allTenants: 'All tenants',
    store: 'Store',
    operation: 'Operation',
    cause: 'Cause',
    since: 'Requested',
    expires: 'Hold expires',
    run: 'Run',
    actions: 'Actions',
    continue: 'Continue',
    skip: 'Skip verification',
    abort: 'Abort',
    cancel: 'Cancel',
    more: (store: string) => `More actions for ${store}`,
    cancelRequested: 'A cancel was requested.',
    none: {
      held: 'No operation is held',
      running: 'No operation is running',
      queued: 'No operation is queued',
      requested: 'No operation waits for a worker',
    },
    noneHint: 'The list is read again every few seconds.',
    confirm: {
      abort: {
        title: 'Abort the held provision?',
        description: 'Its steps are undone, and the store ends as failed. A member of the tenant can retry later.',
      },
      cancel: {
        title: 'Cancel the provision?',
        description: 'Its steps are undone, and the store ends as cancelled. A member of the tenant can retry later.',
      },
      'skip-verification': {
        title: 'Skip the verification?',
        description:
          'The store becomes ready although no verification order succeeded. Customers may not be able to buy.',
      },
    },
    done: {
      continue: 'The provision continues.',
      'skip-verification': 'The provision continues without the verification.',
      abort: 'The provision is aborted.',
      cancel: 'The cancel is requested.',
    },
    shown: (shown: string, total: string) => `${shown} of ${total} operations are shown, the newest first.`,
  },
  de: {
    title: 'Angehaltene Vorgänge',
    description:
      'Vorgänge aller Mandanten, die nicht beendet sind. Ein angehaltener Vorgang wartet auf eine Entscheidung und wird verworfen, wenn seine Frist abläuft.',
    status: 'Status',
    tenant: 'Mandant',
    allTenants: 'Alle Mandanten',
    store: 'Shop',
    operation: 'Vorgang',
    cause: 'Ursache',
    since: 'Angefordert',
    expires: 'Frist endet',
    run: 'Run',
    actions: 'Aktionen',
    continue: 'Fortsetzen',
    skip: 'Prüfung überspringen',
    abort: 'Verwerfen',
    cancel: 'Abbrechen',
    more: (store: string) => `Weitere Aktionen für ${store}`,
    cancelRequested: 'Ein Abbruch ist angefordert.',
    none: {
      held: 'Kein Vorgang ist angehalten',
      running: 'Kein Vorgang läuft',
      queued: 'Kein Vorgang ist in der Warteschlange',
      requested: 'Kein Vorgang wartet auf einen Worker',
    },
    noneHint: 'Die Liste wird alle paar Sekunden neu gelesen.',
    confirm: {
      abort: {
        title: 'Angehaltene Einrichtung verwerfen?',
        description:
          'Ihre Schritte werden zurückgenommen, und der Shop endet als fehlgeschlagen. Ein Mitglied des Mandanten kann später wiederholen.',
      },
      cancel: {
        title: 'Einrichtung abbrechen?',
        description:
          'Ihre Schritte werden zurückgenommen, und der Shop endet als abgebrochen. Ein Mitglied des Mandanten kann später wiederholen.',
      },
      'skip-verification': {
        title: 'Prüfung überspringen?',
        description:
          'Der Shop wird bereit, obwohl keine Prüfbestellung gelungen ist. Kunden können vielleicht nichts kaufen.',
      },
    },
    done: {
      continue: 'Die Einrichtung wird fortgesetzt.',
      'skip-verification': 'Die Einrichtung wird ohne Prüfung fortgesetzt.',
      abort: 'Die Einrichtung wird verworfen.',
      cancel: 'Der Abbruch ist angefordert.',
    },
    shown: (shown: string, total: string) => `${shown} von ${total} Vorgängen werden angezeigt, die neuesten zuerst.`,
  },
});
