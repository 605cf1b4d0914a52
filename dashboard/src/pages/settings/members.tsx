import { useState } from 'react';
import { useSession } from '../../api/session.tsx';
import { useTexts } from '../../text/texts.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { InvitationList } from './members/invitation-list.tsx';
import { InviteDialog } from './members/invite-dialog.tsx';
import { MemberTable } from './members/member-table.tsx';
import { MEMBER_TEXTS } from './members/texts.ts';
import { ROLE_TEXTS, RoleBadge, ROLES } from './shared/roles.tsx';

/** The people of the tenant and, for admins, the open invitations. */
export function MembersPage() {
  const t = useTexts(MEMBER_TEXTS);
  const { can } = useSession();
  const [isInviting, setInviting] = useState(false);
  const invite = can('createInvitation') && (
    <Button variant="primary" icon="plus" onClick={() => setInviting(true)}>
      {t.invite}
    </Button>
  );
  return (
    <>
      <PageHeader title={t.title} description={t.description} actions={invite} />
      <div className="grid gap-6">
        <Panel title={t.list} isFlush>
          <MemberTable />
        </Panel>
        {can('listInvitations') && <InvitationList />}
        <RoleGuide />
      </div>
      <InviteDialog open={isInviting} onOpenChange={setInviting} />
    </>
  );
}

/** Says what each role may do. */
function RoleGuide() {
  const t = useTexts(MEMBER_TEXTS);
  const roles = useTexts(ROLE_TEXTS);
  return (
    <Panel title={t.rolesTitle}>
      <dl className="grid gap-4 md:grid-cols-3">
        {ROLES.map((role) => (
          <div key={role} className="grid content-start gap-1.5">
            <dt>
              <RoleBadge role={role} />
            </dt>
            <dd className="text-sm text-muted">{roles.rights[role]}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-4 border-t border-line pt-3 text-xs text-muted">{t.operatorNote}</p>
    </Panel>
  );
}
