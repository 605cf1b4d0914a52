import { QueryErrorResetBoundary } from '@tanstack/react-query';
import { Component, type ReactNode } from 'react';
import { ErrorPanel } from '../ui/error-panel.tsx';

interface Props {
  readonly children: ReactNode;
}

/** Shows an error of the components below it, with a button that tries again. */
export function ErrorBoundary({ children }: Props) {
  return (
    <QueryErrorResetBoundary>{({ reset }) => <Boundary onReset={reset}>{children}</Boundary>}</QueryErrorResetBoundary>
  );
}

class Boundary extends Component<Props & { readonly onReset: () => void }, { readonly error: unknown }> {
  override state = { error: undefined as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    const retry = (): void => {
      this.props.onReset();
      this.setState({ error: undefined });
    };
    return (
      <div className="mx-auto max-w-2xl p-4">
        <ErrorPanel error={error} onRetry={retry} />
      </div>
    );
  }
}
