/** The groups of operations in the documentation, in its order. `prefix` is the start of the paths. */
const TAGS = [
  {
    name: 'Operations',
    prefix: /^\/api\/(operations\b|stores\/\{id\}\/operations\b)/,
    description: 'The operations on a store, step by step.',
  },
  { name: 'Stores', prefix: /^\/api\/stores\b/, description: 'Create, watch, repair and delete stores.' },
  {
    name: 'Login',
    prefix: /^\/api\/(login|logout|setup|password|sessions|me)\b/,
    description: 'Log in and out with a browser, and see who you are.',
  },
  {
    name: 'Tenants',
    prefix: /^\/api\/(tenants|members|invitations|quota|audit)\b/,
    description: 'Members of a tenant, its quota and its audit log.',
  },
  {
    name: 'Tokens',
    prefix: /^\/api\/(tokens|service-accounts|device)\b/,
    description: 'API tokens of people and of service accounts, and the login of the command line.',
  },
  { name: 'Webhooks', prefix: /^\/api\/webhooks\b/, description: 'Signed messages about events.' },
  {
    name: 'Statistics',
    prefix: /^\/api\/statistics\b/,
    description: 'Numbers about the stores and operations of a tenant.',
  },
  { name: 'Events', prefix: /^\/api\/events\b/, description: 'Events of all stores of a tenant.' },
  {
    name: 'Administration',
    prefix: /^\/api\/(admin|orphans)\b/,
    description: 'For operators of the platform: decisions that only a person may take.',
  },
  { name: 'Health', prefix: /^\/health\b/, description: 'For probes and monitoring.' },
  { name: 'Problems', prefix: /^\/problems\b/, description: 'Explanations of the problems in error responses.' },
] as const;

/** The tags of the document. */
export const TAG_LIST = TAGS.map(({ name, description }) => ({ name, description }));

/** Returns the tag of a path. @throws Error when no tag has the path: add one to the table. */
export function tagOf(path: string): string {
  const tag = TAGS.find(({ prefix }) => prefix.test(path));
  if (tag === undefined) throw new Error(`no tag in api/document/tags.ts has the path ${path}`);
  return tag.name;
}
