import { useEffect, useState } from 'react';

/**
 * Returns the current time in milliseconds. The component renders again after each step.
 *
 * @param step Milliseconds, or a function that returns them. Null: the component does not render again.
 */
export function useNow(step: number | null | ((nowMs: number) => number)): number {
  const [now, setNow] = useState(Date.now);
  const stepMs = typeof step === 'function' ? step(now) : step;
  useEffect(() => {
    if (stepMs === null) return undefined;
    const timer = setInterval(() => setNow(Date.now()), stepMs);
    return () => clearInterval(timer);
  }, [stepMs]);
  return now;
}
