import { useId, type ReactNode } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Dialog, type DialogProps } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';

interface FormDialogProps extends Pick<DialogProps, 'title' | 'description' | 'closeLabel'> {
  readonly saveLabel: string;
  readonly pending: boolean;
  /** An error that no field shows. Undefined: there is none. */
  readonly error: unknown;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  /** The fields. */
  readonly children: ReactNode;
}

/** An open dialog with one form. */
export function FormDialog({ saveLabel, pending, error, onSubmit, onClose, children, ...dialog }: FormDialogProps) {
  const formId = useId();
  return (
    <Dialog
      {...dialog}
      open
      onOpenChange={(open) => !open && onClose()}
      footer={
        <Button type="submit" form={formId} variant="primary" pending={pending}>
          {saveLabel}
        </Button>
      }
    >
      <form
        id={formId}
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        {error !== undefined && <ErrorPanel error={error} />}
      </form>
    </Dialog>
  );
}
