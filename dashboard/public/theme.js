// Runs before the first paint, so that a chosen theme does not flash. `src/shell/theme.ts` writes the value.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem('theme');
  } catch {
    // The browser blocks storage: the theme of the system applies.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
})();
