import { Toaster as Sonner } from 'sonner';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { useTheme } from './theme.ts';

const TEXTS = defineTexts({
  en: { label: 'Notifications', close: 'Close' },
  de: { label: 'Benachrichtigungen', close: 'Schließen' },
});

/** Shows the toasts of the whole page: `toast.success(…)` of sonner. */
export function Toaster() {
  const t = useTexts(TEXTS);
  const theme = useTheme();
  return (
    <Sonner
      theme={theme}
      position="bottom-right"
      containerAriaLabel={t.label}
      closeButton
      icons={{
        success: <Icon name="check-circle" className="text-success" />,
        error: <Icon name="alert" className="text-danger" />,
        warning: <Icon name="warning" className="text-warning" />,
        info: <Icon name="info" className="text-info" />,
        loading: <Spinner />,
        close: <Icon name="close" className="size-3" />,
      }}
      toastOptions={{ closeButtonAriaLabel: t.close }}
    />
  );
}
