import type { Role } from '../../../api/access.ts';
import { defineTexts, useTexts } from '../../../text/texts.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Select } from '../../../ui/select.tsx';

/** From the lowest to the highest. Each role includes the rights of those before it. */
export const ROLES: readonly Role[] = ['viewer', 'member', 'admin'];

export const ROLE_TEXTS = defineTexts({
  en: {
    names: { viewer: 'Viewer', member: 'Member', admin: 'Admin' },
    rights: {
      viewer: 'Sees stores, operations, events and members.',
      member: 'Also creates, changes and deletes stores, and sees webhooks.',
      admin: 'Also sees credentials and the audit log, and manages members, service accounts and webhooks.',
    },
  },
  de: {
    names: { viewer: 'Lesezugriff', member: 'Mitglied', admin: 'Administrator' },
    rights: {
      viewer: 'Sieht Shops, Vorgänge, Ereignisse und Mitglieder.',
      member: 'Legt außerdem Shops an, ändert und löscht sie und sieht Webhooks.',
      admin: 'Sieht außerdem Zugangsdaten und das Audit-Protokoll und verwaltet Mitglieder, Dienstkonten und Webhooks.',
    },
  },
});

/** Returns the roles that a person with a role may give. */
export function rolesUpTo(highest: Role): readonly Role[] {
  return ROLES.slice(0, ROLES.indexOf(highest) + 1);
}

/** Returns the role with fewer rights. */
export function lowerRole(one: Role, other: Role): Role {
  return ROLES.indexOf(one) < ROLES.indexOf(other) ? one : other;
}

/** The role of a member, a token or a service account. */
export function RoleBadge({ role }: { readonly role: Role }) {
  const t = useTexts(ROLE_TEXTS);
  return (
    <Badge tone={role === 'admin' ? 'info' : 'neutral'} dot={false}>
      {t.names[role]}
    </Badge>
  );
}

/** Chooses a role. */
export function RoleSelect({
  value,
  onChange,
  highest,
  name,
  label,
  disabled,
}: {
  readonly value: Role;
  readonly onChange: (role: Role) => void;
  /** The highest role of the list. */
  readonly highest: Role;
  readonly name?: string;
  /** Needed outside a `Field`. */
  readonly label?: string;
  readonly disabled?: boolean;
}) {
  const t = useTexts(ROLE_TEXTS);
  return (
    <Select
      value={value}
      onChange={onChange}
      name={name}
      aria-label={label}
      disabled={disabled}
      options={rolesUpTo(highest).map((role) => ({ value: role, label: t.names[role] }))}
    />
  );
}
