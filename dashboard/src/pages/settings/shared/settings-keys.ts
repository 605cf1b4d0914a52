import { keys } from '../../../api/query.ts';

const PREFIX = keys.settings[0];

/** Keys of the queries of these pages. */
export const settingsKeys = {
  /** All lists of tokens. */
  tokens: [PREFIX, 'tokens'],
  /** Tokens of the person, or of a service account. */
  tokensOf: (serviceAccountId: string | undefined) => [PREFIX, 'tokens', serviceAccountId ?? 'own'],
  serviceAccounts: [PREFIX, 'service-accounts'],
  members: [PREFIX, 'members'],
  invitations: [PREFIX, 'invitations'],
  people: [PREFIX, 'members', 'names'],
  accountNames: [PREFIX, 'service-accounts', 'names'],
  webhooks: [PREFIX, 'webhooks'],
  webhookList: [PREFIX, 'webhooks', 'list'],
  webhook: (webhookId: string) => [PREFIX, 'webhooks', 'one', webhookId],
  deliveries: (webhookId: string, state: string | undefined) => [
    PREFIX,
    'webhooks',
    'one',
    webhookId,
    'deliveries',
    state,
  ],
  audit: (filter: object) => [PREFIX, 'audit', filter],
  sessions: [PREFIX, 'sessions'],
} as const;

/** Another person can accept an invitation at any time, and no event tells it: milliseconds until a list is read again. */
export const PEOPLE_INTERVAL_MS = 10_000;
