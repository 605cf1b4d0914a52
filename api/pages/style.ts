/** The stylesheet of all pages. It is one file, so that the pages need no inline style. */
export const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { width: min(26rem, calc(100vw - 2rem)); padding: 2rem 0; }
h1 { font-size: 1.4rem; margin: 0 0 1rem; }
form { display: grid; gap: 1rem; margin: 1rem 0; }
label { display: grid; gap: 0.25rem; font-weight: 600; }
input, select { font: inherit; padding: 0.5rem; border: 1px solid GrayText; border-radius: 0.3rem; background: Field; color: FieldText; }
small { font-weight: 400; }
button, .button { font: inherit; font-weight: 600; padding: 0.55rem 1rem; border: 1px solid transparent; border-radius: 0.3rem;
  background: #1d4ed8; color: #fff; text-align: center; text-decoration: none; cursor: pointer; }
button.plain { background: transparent; color: inherit; border-color: GrayText; }
:focus-visible { outline: 3px solid #60a5fa; outline-offset: 2px; }
.error { border-left: 4px solid #dc2626; padding: 0.25rem 0 0.25rem 0.75rem; }
.note { border-left: 4px solid #60a5fa; padding: 0.25rem 0 0.25rem 0.75rem; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; }
dt { font-weight: 600; } dd { margin: 0; }
.actions { display: flex; gap: 0.75rem; }
.actions > * { flex: 1; }
`.trimStart();
