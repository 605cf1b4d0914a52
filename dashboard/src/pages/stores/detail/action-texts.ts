import { defineTexts } from '../../../text/texts.ts';
import { MAX_UNDELETE_HOURS } from '../model/delete-plan.ts';
import { MAX_KEPT_DAYS } from '../model/limits.ts';

/** Texts of the dialogs of actions. */
export const ACTION_TEXTS = defineTexts({
  en: {
    confirm: {
      cancel: {
        title: 'Cancel the provision?',
        description: 'Its steps are undone, and the store ends as cancelled. You can retry later.',
        confirm: 'Cancel the provision',
      },
      abort: {
        title: 'Abort the held provision?',
        description: 'Its steps are undone, and the store ends as failed. You can retry later.',
        confirm: 'Abort the provision',
      },
      'skip-verification': {
        title: 'Skip the verification?',
        description:
          'The store becomes ready although no verification order succeeded. Customers may not be able to buy.',
        confirm: 'Skip the verification',
      },
    },
    continueTitle: 'Continue the provision',
    continueHint: 'The step that failed is repeated.',
    continue: 'Continue',
    close: 'Close',
    change: 'Change chart values first',
    values: 'Chart values',
    valuesHint: 'JSON with the images, resources and storage to change, nested as in the chart. The store keeps them.',
    notJson: 'Enter a JSON object, such as the example.',
    danger: 'Danger zone',
    deleteTitle: 'Delete this store',
    deleteHint: 'The store stops at once. Its data is lost when the undelete window has ended.',
    deleteOpen: 'Delete store',
    deleteConfirmTitle: (name: string) => `Delete “${name}”?`,
    deleteNever: 'The store has never been ready, so it has no data and no undelete window. Its objects are removed.',
    deleteReady:
      'Customers can no longer reach the store. Until the undelete window ends, you can restore it with its data.',
    window: 'Undelete window',
    windows: { default: 'As the platform is set', none: 'None: delete at once', hours: 'A number of hours' },
    hours: 'Hours',
    hoursError: `Enter a whole number from 1 to ${MAX_UNDELETE_HOURS}.`,
    volumes: 'Volumes',
    volumeChoices: {
      store: 'As the store is set',
      delete: 'Delete them',
      keep: 'Keep them',
      days: 'Keep them for some days',
    },
    days: 'Days',
    daysError: `Enter a whole number from 1 to ${MAX_KEPT_DAYS}.`,
  },
  de: {
    confirm: {
      cancel: {
        title: 'Einrichtung abbrechen?',
        description:
          'Ihre Schritte werden zurückgenommen, und der Shop endet als abgebrochen. Sie können später wiederholen.',
        confirm: 'Einrichtung abbrechen',
      },
      abort: {
        title: 'Angehaltene Einrichtung verwerfen?',
        description:
          'Ihre Schritte werden zurückgenommen, und der Shop endet als fehlgeschlagen. Sie können später wiederholen.',
        confirm: 'Einrichtung verwerfen',
      },
      'skip-verification': {
        title: 'Prüfung überspringen?',
        description:
          'Der Shop wird bereit, obwohl keine Prüfbestellung gelungen ist. Kunden können vielleicht nichts kaufen.',
        confirm: 'Prüfung überspringen',
      },
    },
    continueTitle: 'Einrichtung fortsetzen',
    continueHint: 'Der fehlgeschlagene Schritt wird wiederholt.',
    continue: 'Fortsetzen',
    close: 'Schließen',
    change: 'Vorher Chart-Werte ändern',
    values: 'Chart-Werte',
    valuesHint:
      'JSON mit den Images, Ressourcen und Speichergrößen, die sich ändern, verschachtelt wie im Chart. Der Shop behält sie.',
    notJson: 'Geben Sie ein JSON-Objekt ein, wie im Beispiel.',
    danger: 'Gefahrenbereich',
    deleteTitle: 'Diesen Shop löschen',
    deleteHint:
      'Der Shop hält sofort an. Seine Daten gehen verloren, wenn die Frist zur Wiederherstellung abgelaufen ist.',
    deleteOpen: 'Shop löschen',
    deleteConfirmTitle: (name: string) => `„${name}“ löschen?`,
    deleteNever:
      'Der Shop war nie bereit. Er hat keine Daten und keine Frist zur Wiederherstellung. Was von ihm existiert, wird entfernt.',
    deleteReady:
      'Kunden können den Shop nicht mehr erreichen. Bis die Frist abläuft, können Sie ihn mit seinen Daten wiederherstellen.',
    window: 'Frist zur Wiederherstellung',
    windows: {
      default: 'Wie auf der Plattform eingestellt',
      none: 'Keine: sofort löschen',
      hours: 'Eine Anzahl Stunden',
    },
    hours: 'Stunden',
    hoursError: `Geben Sie eine ganze Zahl von 1 bis ${MAX_UNDELETE_HOURS} ein.`,
    volumes: 'Volumes',
    volumeChoices: {
      store: 'Wie beim Shop eingestellt',
      delete: 'Löschen',
      keep: 'Behalten',
      days: 'Einige Tage behalten',
    },
    days: 'Tage',
    daysError: `Geben Sie eine ganze Zahl von 1 bis ${MAX_KEPT_DAYS} ein.`,
  },
});
