import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import type { AuditSink } from '../../domain/ports/audit.ts';
import type { AppEnv } from '../app-env.ts';
import { findIdentity } from '../auth/authorize.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { localOrigin } from '../auth/local-origin.ts';
import type { Identification } from '../identity/identity.ts';
import { Problem } from '../problems/problem.ts';
import { accountPage } from './account.ts';
import { auditPages } from './audit-page.ts';
import { devicePage, type DeviceDecisions } from './device.ts';
import { invitationPage } from './invitation.ts';
import { loginPages } from './login.ts';
import type { Identify } from './signed-in.ts';
import type { Acceptance } from '../tenants/accept-invitation.ts';
import { STYLE } from './style.ts';

/** Paths of the pages. Their headers differ from those of the API. */
export const PAGE_PATHS = ['/pages.css', '/login', '/logout', '/setup', '/account', '/device', '/invitations/*'];

/** No page needs more. */
const MAX_FORM_BYTES = 16 * 1024;
const STYLE_SECONDS = 3_600;

export interface Pages {
  readonly identification: Identification;
  /** Undefined: the command line cannot log in. */
  readonly devices?: DeviceDecisions | undefined;
  readonly acceptance: Acceptance;
  readonly auditLog: AuditSink;
}

/**
 * The pages for people, without a script. Each form sends its `Origin`, which is checked as for the API.
 *
 * @param authenticators As for the API.
 * @param allowedOrigins As for the API.
 */
export function pageRoutes(
  { identification, devices, acceptance, auditLog }: Pages,
  authenticators: readonly Authenticator[],
  allowedOrigins: readonly string[],
) {
  const pages = new Hono<AppEnv>();
  for (const path of PAGE_PATHS) {
    pages.use(path, pageHeaders, localOrigin(allowedOrigins), limitForm);
  }
  pages.get('/pages.css', (c) => {
    c.header('Content-Type', 'text/css; charset=utf-8');
    c.header('Cache-Control', `public, max-age=${STYLE_SECONDS}`);
    return c.body(STYLE);
  });
  pages.route('/', loginPages(identification));
  const identify: Identify = (c) => findIdentity(c, authenticators);
  pages.route('/', accountPage(identification, identify));
  const audit = auditPages(auditLog, identification.now);
  pages.route('/', invitationPage(identification, acceptance, { identify, audit }));
  if (devices !== undefined) pages.route('/', devicePage(identification, devices, { identify, audit }));
  return pages;
}

const pageHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  // With `no-referrer`, browsers send `Origin: null` with a form. Links contain secrets, so no other origin gets a referrer.
  referrerPolicy: 'same-origin',
});

const limitForm = bodyLimit({
  maxSize: MAX_FORM_BYTES,
  onError: () => {
    throw new Problem('BODY_TOO_LARGE', `The form has more than ${MAX_FORM_BYTES} bytes.`);
  },
});
