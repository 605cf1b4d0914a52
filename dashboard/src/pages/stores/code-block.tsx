import { clsx } from 'clsx';

/** Text of a program, such as a command or the lines of a log. It scrolls in its own frame. */
export function CodeBlock({
  label,
  text,
  className,
}: {
  /** Name of the frame for screen readers. */
  readonly label: string;
  readonly text: string;
  readonly className?: string;
}) {
  return (
    <section
      aria-label={label}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
      tabIndex={0}
      className={clsx('max-h-64 min-w-0 overflow-auto rounded-md border border-line bg-canvas p-3', className)}
    >
      <pre className="font-mono text-xs">{text}</pre>
    </section>
  );
}
