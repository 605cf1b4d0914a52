import type { TenantOperation } from '@store-platform/client';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import type { IconName } from '../../../ui/icon.tsx';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import { LABELS } from '../../stores/texts/labels.ts';
import { type Decision, decisionsOf } from './decisions.ts';
import { HELD_TEXTS } from './texts.ts';

const ICONS = {
  continue: 'play',
  'skip-verification': 'skip',
  abort: 'trash',
  cancel: 'stop',
} as const satisfies Record<Decision, IconName>;

/** The decisions that an operation can take: the first one as a button, the others in a menu. */
export function OperationActions({
  operation,
  pending,
  onDecide,
}: {
  readonly operation: TenantOperation;
  readonly pending: boolean;
  readonly onDecide: (decision: Decision) => void;
}) {
  const t = useTexts(HELD_TEXTS);
  const labels = useTexts(LABELS);
  const [first, ...others] = decisionsOf(operation);
  if (first === undefined) return null;
  const name = operation.storeId.slice(0, 8);
  return (
    <div className="flex justify-end gap-2">
      <Button
        size="sm"
        icon={ICONS[first]}
        pending={pending}
        aria-label={`${labels.action[first]}: ${name}`}
        onClick={() => onDecide(first)}
      >
        {labels.action[first]}
      </Button>
      {others.length > 0 && (
        <Menu trigger={<Button size="sm" variant="ghost" isSquare icon="more" aria-label={t.more(name)} />}>
          {others.map((decision) => (
            <MenuItem
              key={decision}
              icon={ICONS[decision]}
              tone={decision === 'abort' ? 'danger' : 'neutral'}
              onSelect={() => onDecide(decision)}
            >
              {labels.action[decision]}
            </MenuItem>
          ))}
        </Menu>
      )}
    </div>
  );
}
