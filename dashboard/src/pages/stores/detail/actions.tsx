import { useState } from 'react';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import type { IconName } from '../../../ui/icon.tsx';
import { ACTION_OPERATIONS, useDecision } from '../data/store-actions.ts';
import type { VersionedStore } from '../data/store.ts';
import type { Action } from '../model/catalogue.ts';
import { LABELS } from '../texts/labels.ts';
import { ACTION_TEXTS } from './action-texts.ts';
import { ContinueDialog } from './continue-dialog.tsx';

type ShownAction = Exclude<Action, 'delete'>;

const ICONS = {
  continue: 'play',
  retry: 'refresh',
  undelete: 'undo',
  'skip-verification': 'skip',
  cancel: 'stop',
  abort: 'trash',
} as const satisfies Record<ShownAction, IconName>;

/** In the order of the buttons: the most helpful one first. */
const ACTIONS = Object.keys(ICONS) as readonly ShownAction[];
const PRIMARY: readonly Action[] = ['continue', 'retry', 'undelete'];
/** Actions that a person confirms, because they undo work or leave out a check. */
const CONFIRMED = ['cancel', 'abort', 'skip-verification'] as const satisfies readonly Action[];
type Confirmed = (typeof CONFIRMED)[number];

/** Returns the actions that the store allows and the person may use, without the delete. */
export function useShownActions(store: VersionedStore): readonly ShownAction[] {
  const session = useSession();
  const { operation, allowedActions } = store;
  const isRequested = (action: Action): boolean =>
    (action === 'cancel' && operation !== null && operation.cancelRequestedAt !== null) ||
    (action === 'undelete' && operation !== null && operation.undeleteRequestedAt !== null);
  return ACTIONS.filter(
    (action) => allowedActions.includes(action) && session.can(ACTION_OPERATIONS[action]) && !isRequested(action),
  );
}

/** Buttons for the actions that the store allows. The delete has its own place on the page. */
export function ActionButtons({ store }: { readonly store: VersionedStore }) {
  const labels = useTexts(LABELS);
  const shown = useShownActions(store);
  const [asked, setAsked] = useState<Confirmed | 'continue' | null>(null);
  const decision = useDecision(store);
  const close = (): void => setAsked(null);

  function choose(action: ShownAction): void {
    decision.reset();
    if (action === 'continue' || isConfirmed(action)) setAsked(action);
    else decision.mutate({ action });
  }

  if (shown.length === 0 && decision.error === null) return null;
  return (
    <>
      <div className="flex flex-wrap gap-2">
        {shown.map((action) => (
          <Button
            key={action}
            icon={ICONS[action]}
            variant={PRIMARY.includes(action) ? 'primary' : 'secondary'}
            pending={decision.isPending && decision.variables.action === action}
            onClick={() => choose(action)}
          >
            {labels.action[action]}
          </Button>
        ))}
      </div>
      {decision.error !== null && asked === null && <ErrorPanel error={decision.error} />}
      {asked !== null && asked !== 'continue' && (
        <ConfirmAction
          action={asked}
          pending={decision.isPending}
          error={decision.error}
          onClose={close}
          onConfirm={() => decision.mutate({ action: asked }, { onSuccess: close })}
        />
      )}
      {asked === 'continue' && (
        <ContinueDialog
          pending={decision.isPending}
          error={decision.error}
          onClose={close}
          onContinue={(overrides) =>
            decision.mutate(overrides === undefined ? { action: 'continue' } : { action: 'continue', overrides }, {
              onSuccess: close,
            })
          }
        />
      )}
    </>
  );
}

function isConfirmed(action: ShownAction): action is Confirmed {
  return (CONFIRMED as readonly Action[]).includes(action);
}

function ConfirmAction({
  action,
  pending,
  error,
  onClose,
  onConfirm,
}: {
  readonly action: Confirmed;
  readonly pending: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}) {
  const { title, description, confirm } = useTexts(ACTION_TEXTS).confirm[action];
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
      confirmLabel={confirm}
      tone={action === 'skip-verification' ? 'neutral' : 'danger'}
      pending={pending}
      onConfirm={onConfirm}
    >
      {error !== null && <ErrorPanel error={error} />}
    </ConfirmDialog>
  );
}
