import { defineTexts } from '../../../text/texts.ts';

export const MEMBER_TEXTS = defineTexts({
  en: {
    title: 'Members',
    description: 'People who work in this tenant. A role says what a person may do here.',
    invite: 'Invite people',
    list: 'Members',
    you: 'You',
    unnamed: 'Unnamed person',
    columns: { person: 'Person', role: 'Role', joined: 'Joined', actions: 'Actions' },
    roleOf: (name: string) => `Role of ${name}`,
    remove: 'Remove',
    leave: 'Leave',
    removeNamed: (name: string) => `Remove ${name} from the tenant`,
    changed: (name: string, role: string) => `${name} has the role ${role} now`,
    notChanged: 'The role was not changed',
    removeTitle: (name: string) => `Remove ${name}?`,
    removeText:
      'The person loses access to this tenant at once, and their API tokens for it stop working. Their stores stay.',
    removeAction: 'Remove member',
    removed: (name: string) => `${name} is no longer a member`,
    notRemoved: 'The member was not removed',
    leaveTitle: 'Leave this tenant?',
    leaveText:
      'You lose access at once, and your API tokens for this tenant stop working. An admin can invite you again.',
    leaveAction: 'Leave tenant',
    lowerTitle: 'Give up your admin rights?',
    lowerText: (role: string) => `You will have the role ${role}. Only another admin can give you the role Admin back.`,
    lowerAction: 'Change my role',
    empty: 'No members',
    rolesTitle: 'Rights of each role',
    operatorNote: 'Operators of the platform act as admins in every tenant, also without being a member.',
  },
  de: {
    title: 'Mitglieder',
    description: 'Personen, die in diesem Mandanten arbeiten. Die Rolle bestimmt, was eine Person hier darf.',
    invite: 'Personen einladen',
    list: 'Mitglieder',
    you: 'Sie',
    unnamed: 'Person ohne Namen',
    columns: { person: 'Person', role: 'Rolle', joined: 'Beigetreten', actions: 'Aktionen' },
    roleOf: (name: string) => `Rolle von ${name}`,
    remove: 'Entfernen',
    leave: 'Verlassen',
    removeNamed: (name: string) => `${name} aus dem Mandanten entfernen`,
    changed: (name: string, role: string) => `${name} hat jetzt die Rolle ${role}`,
    notChanged: 'Die Rolle wurde nicht geändert',
    removeTitle: (name: string) => `${name} entfernen?`,
    removeText:
      'Die Person verliert sofort den Zugang zu diesem Mandanten, und ihre API-Token dafür werden ungültig. Ihre Shops bleiben bestehen.',
    removeAction: 'Mitglied entfernen',
    removed: (name: string) => `${name} ist kein Mitglied mehr`,
    notRemoved: 'Das Mitglied wurde nicht entfernt',
    leaveTitle: 'Diesen Mandanten verlassen?',
    leaveText:
      'Sie verlieren sofort den Zugang, und Ihre API-Token für diesen Mandanten werden ungültig. Ein Administrator kann Sie erneut einladen.',
    leaveAction: 'Mandanten verlassen',
    lowerTitle: 'Ihre Administratorrechte abgeben?',
    lowerText: (role: string) =>
      `Sie haben dann die Rolle ${role}. Nur ein anderer Administrator kann Ihnen die Rolle Administrator zurückgeben.`,
    lowerAction: 'Meine Rolle ändern',
    empty: 'Keine Mitglieder',
    rolesTitle: 'Was jede Rolle darf',
    operatorNote:
      'Betreiber der Plattform handeln in jedem Mandanten als Administrator, auch ohne dort Mitglied zu sein.',
  },
});

export const INVITATION_TEXTS = defineTexts({
  en: {
    title: 'Open invitations',
    description: 'Each link can be used once.',
    empty: 'No open invitations',
    columns: { who: 'For', role: 'Role', by: 'Invited by', expires: 'Expires', actions: 'Actions' },
    anyone: 'Everyone with the link',
    revoke: 'Revoke',
    revokeNamed: (who: string) => `Revoke the invitation for ${who}`,
    revokeTitle: 'Revoke the invitation?',
    revokeText: (who: string) => `The link for ${who} stops working at once.`,
    revokeAction: 'Revoke invitation',
    revoked: 'The invitation is revoked',
    notRevoked: 'The invitation was not revoked',
    form: {
      title: 'Invite people',
      description: 'You get a link. Send it to the person yourself: the platform sends no email.',
      email: 'Email address',
      emailHint: 'Only a person with this address can accept. Leave it empty to let everyone with the link accept.',
      optional: '(optional)',
      role: 'Role',
      expires: 'Valid for',
      days: (days: number) => (days === 1 ? '1 day' : `${days} days`),
      cancel: 'Cancel',
      submit: 'Create link',
      emailWrong: 'Enter an email address, such as ada@example.com.',
      close: 'Close',
    },
    made: {
      title: 'Your invitation link',
      label: 'Link',
      note: (who: string | null, role: string) =>
        who === null
          ? `The first person who opens it joins with the role ${role}.`
          : `Only ${who} can accept it, with the role ${role}.`,
      done: 'Done',
    },
  },
  de: {
    title: 'Offene Einladungen',
    description: 'Jeder Link gilt einmal.',
    empty: 'Keine offenen Einladungen',
    columns: { who: 'Für', role: 'Rolle', by: 'Eingeladen von', expires: 'Läuft ab', actions: 'Aktionen' },
    anyone: 'Alle, die den Link haben',
    revoke: 'Zurückziehen',
    revokeNamed: (who: string) => `Die Einladung für ${who} zurückziehen`,
    revokeTitle: 'Einladung zurückziehen?',
    revokeText: (who: string) => `Der Link für ${who} wird sofort ungültig.`,
    revokeAction: 'Einladung zurückziehen',
    revoked: 'Die Einladung ist zurückgezogen',
    notRevoked: 'Die Einladung wurde nicht zurückgezogen',
    form: {
      title: 'Personen einladen',
      description:
        'Sie erhalten einen Link. Senden Sie ihn selbst an die Person: Die Plattform verschickt keine E-Mails.',
      email: 'E-Mail-Adresse',
      emailHint:
        'Nur eine Person mit dieser Adresse kann annehmen. Lassen Sie das Feld leer, wenn alle mit dem Link annehmen dürfen.',
      optional: '(optional)',
      role: 'Rolle',
      expires: 'Gültig für',
      days: (days: number) => (days === 1 ? '1 Tag' : `${days} Tage`),
      cancel: 'Abbrechen',
      submit: 'Link erstellen',
      emailWrong: 'Geben Sie eine E-Mail-Adresse ein, zum Beispiel ada@example.com.',
      close: 'Schließen',
    },
    made: {
      title: 'Ihr Einladungslink',
      label: 'Link',
      note: (who: string | null, role: string) =>
        who === null
          ? `Die erste Person, die ihn öffnet, tritt mit der Rolle ${role} bei.`
          : `Nur ${who} kann ihn annehmen, mit der Rolle ${role}.`,
      done: 'Fertig',
    },
  },
});
