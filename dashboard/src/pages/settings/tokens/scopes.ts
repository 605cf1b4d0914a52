import type { Token } from '@store-platform/client';
import type { Needed, Role } from '../../../api/access.ts';
import { defineTexts } from '../../../text/texts.ts';
import { ROLES } from '../shared/roles.tsx';

export type Scope = NonNullable<Token['scopes']>[number];

/** The lowest right with which a scope allows something. */
export const SCOPE_NEEDS: Readonly<Record<Scope, Exclude<Needed, 'public' | 'user'>>> = {
  'stores:read': 'viewer',
  'stores:write': 'member',
  'stores:credentials': 'admin',
  'members:read': 'viewer',
  'members:write': 'admin',
  'tokens:read': 'viewer',
  'tokens:write': 'viewer',
  'webhooks:read': 'member',
  'webhooks:write': 'admin',
  'audit:read': 'admin',
  'platform:operate': 'operator',
};

/** Returns the scopes that allow something to a token with a role. */
export function usableScopes(role: Role, isOperator: boolean): readonly Scope[] {
  // The keys of the table are the scopes.
  const scopes = Object.keys(SCOPE_NEEDS) as Scope[];
  return scopes.filter((scope) => {
    const needs = SCOPE_NEEDS[scope];
    // A token operates the platform only with the highest role.
    return needs === 'operator' ? isOperator && role === 'admin' : ROLES.indexOf(role) >= ROLES.indexOf(needs);
  });
}

export const SCOPE_TEXTS = defineTexts({
  en: {
    'stores:read': 'See stores, operations, events and the quota',
    'stores:write': 'Create, change and delete stores',
    'stores:credentials': 'Read the passwords of stores',
    'members:read': 'See members, invitations and service accounts',
    'members:write': 'Invite and remove people, change roles, manage service accounts',
    'tokens:read': 'See API tokens',
    'tokens:write': 'Create and revoke API tokens',
    'webhooks:read': 'See webhooks and their deliveries',
    'webhooks:write': 'Create, change, test and delete webhooks',
    'audit:read': 'Read the audit log',
    'platform:operate': 'Operate the platform: all tenants, clusters and schedules',
  },
  de: {
    'stores:read': 'Shops, Vorgänge, Ereignisse und das Kontingent sehen',
    'stores:write': 'Shops anlegen, ändern und löschen',
    'stores:credentials': 'Passwörter von Shops lesen',
    'members:read': 'Mitglieder, Einladungen und Dienstkonten sehen',
    'members:write': 'Personen einladen und entfernen, Rollen ändern, Dienstkonten verwalten',
    'tokens:read': 'API-Token sehen',
    'tokens:write': 'API-Token erstellen und widerrufen',
    'webhooks:read': 'Webhooks und ihre Zustellungen sehen',
    'webhooks:write': 'Webhooks anlegen, ändern, testen und löschen',
    'audit:read': 'Das Audit-Protokoll lesen',
    'platform:operate': 'Die Plattform betreiben: alle Mandanten, Cluster und Zeitpläne',
  },
});
