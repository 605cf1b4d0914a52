import which from 'which';

/** Returns the path of an installed Chromium, or undefined. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_BIN'];
  if (named !== undefined && named !== '') return named;
  return (
    ['chromium', 'chromium-browser', 'google-chrome']
      .map((name) => which.sync(name, { nothrow: true }))
      .find(Boolean) ?? undefined
  );
}

/** Returns why no browser is available on this machine, or undefined if one is. */
export function browserProblem(): string | undefined {
  if (findChromium() !== undefined) return undefined;
  return 'Chromium is not installed. Run "apt-get install chromium" or set CHROMIUM_BIN to its path';
}

/** Returns the options with which playwright starts the Chromium of this machine. @throws Error if none is installed. */
export function chromiumOptions(): { readonly executablePath: string; readonly chromiumSandbox: boolean } {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(browserProblem());
  // Chromium does not start its sandbox as root.
  return { executablePath, chromiumSandbox: process.getuid?.() !== 0 };
}
