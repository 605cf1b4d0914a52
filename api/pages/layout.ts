import { html } from 'hono/html';

/** A part of a page. `html` escapes every value in it. */
export type Html = ReturnType<typeof html>;

/** Returns a whole page. */
export function layout(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Store platform</title>
        <link rel="stylesheet" href="/pages.css" />
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`;
}

/** Returns an error above a form, or nothing. */
export function errorMessage(message: string | undefined): Html {
  return message === undefined ? html`` : html`<p class="error" role="alert">${message}</p>`;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'email' | 'password' | 'text';
  /** Tells the browser which stored value fits. */
  readonly autocomplete: string;
  readonly value?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly hint?: string;
}

/** Returns a required field of a form with its label. */
export function field({
  name,
  label,
  type,
  autocomplete,
  value = '',
  minLength = 1,
  maxLength = 254,
  hint,
}: Field): Html {
  return html`<label
    >${label}
    <input
      name="${name}"
      type="${type}"
      autocomplete="${autocomplete}"
      value="${value}"
      minlength="${minLength}"
      maxlength="${maxLength}"
      required
    />
    ${hint === undefined ? html`` : html`<small>${hint}</small>`}
  </label>`;
}

/** Returns a field that the person does not see. */
export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}
