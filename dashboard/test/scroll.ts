import type { Page } from 'playwright-core';

const SCROLLED_FRAMES = 150;

/** How a page behaved while it scrolled. */
export interface Scrolled {
  readonly frames: number;
  /** Durations in milliseconds of the tasks that took longer than 50 ms. */
  readonly longTasks: readonly number[];
  /** The position after it, in pixels. */
  readonly y: number;
}

/** The globals of a page. The benchmarks run this script too, and are compiled without the types of a browser. */
interface PageGlobals {
  readonly scrollY: number;
  scrollBy(x: number, y: number): void;
  requestAnimationFrame(callback: (now: number) => void): number;
  readonly PerformanceObserver: new (
    callback: (list: { getEntries(): readonly { readonly duration: number }[] }) => void,
  ) => { observe(options: { readonly type: string }): void; disconnect(): void };
}

/** Scrolls down, one third of a window in each frame, and returns the tasks that took longer than 50 ms. */
export async function scroll(page: Page): Promise<Scrolled> {
  return await page.evaluate(async (wanted) => {
    const globals = globalThis as unknown as PageGlobals; // the script runs in the page
    const longTasks: number[] = [];
    const observer = new globals.PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(Math.round(duration));
    });
    observer.observe({ type: 'longtask' });
    for (let frame = 0; frame < wanted; frame += 1) {
      globals.scrollBy(0, 300);
      await new Promise((resolve) => globals.requestAnimationFrame(resolve));
    }
    observer.disconnect();
    return { frames: wanted, longTasks, y: globals.scrollY };
  }, SCROLLED_FRAMES);
}
