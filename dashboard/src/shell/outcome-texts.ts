import { defineTexts } from '../text/texts.ts';

/** The outcomes of operations, for toasts and notifications. */
export const OUTCOME_TEXTS = defineTexts({
  en: {
    open: 'Open',
    outcomes: {
      'store.ready': (store: string) => `${store} is ready`,
      'store.failed': (store: string) => `${store} has failed`,
      'store.cancelled': (store: string) => `${store} was cancelled`,
      'store.deleted': (store: string) => `${store} is deleted`,
      'operation.held': (store: string) => `${store} waits for your decision`,
      'delete.undone': (store: string) => `The delete of ${store} was undone`,
      'store.degraded': (store: string) => `${store} fails its verification`,
      'store.recovered': (store: string) => `${store} passes its verification again`,
    },
  },
  de: {
    open: 'Öffnen',
    outcomes: {
      'store.ready': (store: string) => `${store} ist bereit`,
      'store.failed': (store: string) => `${store} ist fehlgeschlagen`,
      'store.cancelled': (store: string) => `${store} wurde abgebrochen`,
      'store.deleted': (store: string) => `${store} ist gelöscht`,
      'operation.held': (store: string) => `${store} wartet auf Ihre Entscheidung`,
      'delete.undone': (store: string) => `Das Löschen von ${store} wurde rückgängig gemacht`,
      'store.degraded': (store: string) => `${store} besteht die Prüfung nicht`,
      'store.recovered': (store: string) => `${store} besteht die Prüfung wieder`,
    },
  },
});
