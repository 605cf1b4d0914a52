/** The style sheet of all pages. The colours meet WCAG AA in light and dark mode. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d2330; --soft: #5b6475; --line: #d9dee7; --background: #fbfbfd; --card: #fff; --accent: #2347c5; --on: #fff; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebf2; --soft: #a3acbd; --line: #333b4a; --background: #13161c; --card: #1b2029; --accent: #93a9ff; --on: #10131a; --bad: #ffb4ab; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--background); }
header, main { max-width: 64rem; margin: 0 auto; padding: 1rem 1.25rem; }
header { display: flex; justify-content: space-between; align-items: baseline; border-bottom: 1px solid var(--line); }
.name { font-size: 1.25rem; font-weight: 650; color: inherit; text-decoration: none; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
.grid { list-style: none; padding: 0; display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); }
.card { display: grid; gap: .25rem; padding: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; color: inherit; text-decoration: none; }
.card:hover { border-color: var(--accent); }
.picture { display: grid; place-items: center; width: 100%; aspect-ratio: 4 / 3; object-fit: cover; border-radius: .5rem; background: var(--line); color: var(--soft); font-size: 3rem; }
.title { font-weight: 600; } .price, .note { color: var(--soft); }
.product { display: grid; gap: 2rem; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); }
form { display: grid; gap: .9rem; max-width: 28rem; }
label { display: grid; gap: .25rem; font-weight: 550; }
input, select { font: inherit; padding: .55rem .65rem; border: 1px solid var(--soft); border-radius: .4rem; background: var(--card); color: inherit; }
button, .button { font: inherit; font-weight: 600; padding: .6rem 1rem; border: 0; border-radius: .4rem; background: var(--accent); color: var(--on); cursor: pointer; text-decoration: none; display: inline-block; }
.quiet { background: none; color: var(--accent); padding: .2rem; text-decoration: underline; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .6rem .4rem; border-bottom: 1px solid var(--line); }
.problem { padding: .7rem .9rem; border-left: 4px solid var(--bad); color: var(--bad); background: var(--card); }
`;
