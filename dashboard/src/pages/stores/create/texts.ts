import { defineTexts } from '../../../text/texts.ts';
import type { Engine } from '../model/catalogue.ts';
import { MAX_NAME_LENGTH } from '../model/limits.ts';
import type { NameFault } from '../model/name.ts';

interface EngineText {
  readonly summary: string;
  readonly parts: string;
}

/** Texts of the form that creates a store. */
export const CREATE_TEXTS = defineTexts({
  en: {
    title: 'Create a store',
    stores: 'Stores',
    breadcrumbs: 'Path of the page',
    description: 'The store runs in its own namespace, with its own database and secrets.',
    engine: 'Engine',
    engines: {
      woocommerce: {
        summary:
          'WordPress with the most widely used shop plugin. Good for content, themes and thousands of extensions.',
        parts: 'WordPress, MariaDB',
      },
      medusa: {
        summary: 'A headless shop for developers, with a fast storefront and an API for everything.',
        parts: 'Medusa, Next.js storefront, PostgreSQL, Redis',
      },
    } satisfies Record<Engine, EngineText>,
    name: 'Name',
    nameHint: 'Customers see it. It becomes a part of the address.',
    nameFaults: {
      empty: 'Enter a name.',
      tooLong: `Use at most ${MAX_NAME_LENGTH} characters.`,
      notPrintable: 'Use printable characters only, without line breaks or invisible characters.',
    } satisfies Record<NameFault, string>,
    length: (used: number) => `${used} of ${MAX_NAME_LENGTH} characters`,
    options: 'Options',
    onFailure: 'When a step fails',
    policies: {
      cleanup: { label: 'Clean up', hint: 'Undo all steps. You can retry afterwards.' },
      hold: { label: 'Hold', hint: 'Keep everything as it is and wait for a decision, so that you can look at it.' },
    },
    submit: 'Create store',
    cancel: 'Cancel',
    full: 'The quota of your tenant is used up',
    fullHint: (limit: number) =>
      `Your tenant may have ${limit} stores at once. Delete one to make room, or ask an operator for more.`,
    reused: 'The first request of this form has created a store already.',
    reusedHint:
      'Its connection broke before the response arrived, and the form has changed since. Look for the store in the list.',
    toList: 'Go to the list of stores',
  },
  de: {
    title: 'Shop anlegen',
    stores: 'Shops',
    breadcrumbs: 'Pfad der Seite',
    description: 'Der Shop läuft in einem eigenen Namespace, mit eigener Datenbank und eigenen Zugangsdaten.',
    engine: 'Software',
    engines: {
      woocommerce: {
        summary:
          'WordPress mit dem verbreitetsten Shop-Plugin. Gut für Inhalte, Themes und Tausende von Erweiterungen.',
        parts: 'WordPress, MariaDB',
      },
      medusa: {
        summary: 'Ein Headless-Shop für Entwicklungsteams, mit schneller Oberfläche und einer API für alles.',
        parts: 'Medusa, Next.js-Storefront, PostgreSQL, Redis',
      },
    },
    name: 'Name',
    nameHint: 'Kunden sehen ihn. Er wird ein Teil der Adresse.',
    nameFaults: {
      empty: 'Geben Sie einen Namen ein.',
      tooLong: `Verwenden Sie höchstens ${MAX_NAME_LENGTH} Zeichen.`,
      notPrintable: 'Verwenden Sie nur druckbare Zeichen, ohne Zeilenumbrüche und unsichtbare Zeichen.',
    },
    length: (used: number) => `${used} von ${MAX_NAME_LENGTH} Zeichen`,
    options: 'Optionen',
    onFailure: 'Wenn ein Schritt fehlschlägt',
    policies: {
      cleanup: { label: 'Aufräumen', hint: 'Alle Schritte werden zurückgenommen. Danach können Sie wiederholen.' },
      hold: {
        label: 'Anhalten',
        hint: 'Alles bleibt, wie es ist, und wartet auf eine Entscheidung. So können Sie nachsehen.',
      },
    },
    submit: 'Shop anlegen',
    cancel: 'Abbrechen',
    full: 'Das Kontingent Ihres Mandanten ist erschöpft',
    fullHint: (limit: number) =>
      `Ihr Mandant darf ${limit} Shops gleichzeitig haben. Löschen Sie einen, oder bitten Sie den Betrieb der Plattform um mehr.`,
    reused: 'Die erste Anfrage dieses Formulars hat bereits einen Shop angelegt.',
    reusedHint:
      'Die Verbindung brach ab, bevor die Antwort ankam, und das Formular wurde seitdem geändert. Suchen Sie den Shop in der Liste.',
    toList: 'Zur Liste der Shops',
  },
});
