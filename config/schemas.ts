import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import { CLUSTER_NAME_PATTERN } from '../domain/clusters.ts';
import { DEFAULT_CLUSTER } from '../domain/names.ts';

/** Schema of an integer setting. As in a shell, an empty value is the same as an unset one and selects the default. */
export function integer(fallback: number, min: number, max: number) {
  return z.preprocess(
    (value) => (value === '' || value === undefined ? fallback : value),
    z.coerce.number(`must be a whole number from ${min} to ${max}`).int().min(min).max(max),
  );
}

/** Schema of an integer setting whose default depends on other settings. */
export function optionalInteger(min: number, max: number) {
  return z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce.number(`must be a whole number from ${min} to ${max}`).int().min(min).max(max).optional(),
  );
}

export function text(fallback: string) {
  return z.preprocess((value) => (value === '' || value === undefined ? fallback : value), z.string());
}

export function optionalText() {
  return z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());
}

/** With the slug of a store, which has up to 43 characters, and a dot, a host name has at most 253 characters. */
const MAX_DOMAIN_LENGTH = 209;
/** Labels of a DNS name. The charts have the same pattern for the host of a store. */
const DNS_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

/** Schema of the domain of all stores. Returns it in lower case. */
export function domain(fallback: string) {
  return text(fallback)
    .transform((value) => value.toLowerCase())
    .refine(isDomain, {
      error: `must be a DNS name such as shops.example.com, without a port, of at most ${MAX_DOMAIN_LENGTH} characters`,
    });
}

function isDomain(value: string): boolean {
  // `URL` also rejects names that browsers reject, such as those that end with a number.
  return value.length <= MAX_DOMAIN_LENGTH && DNS_NAME.test(value) && URL.canParse(`http://shop.${value}/`);
}

/** Host, port and path of an image registry. The charts have the same pattern. */
export const REGISTRY = /^[a-zA-Z0-9.-]{1,253}(:[0-9]{1,5})?(\/[a-z0-9._-]{1,100}){0,8}$/;

/** Schema of the name of a Kubernetes object. */
export function objectName() {
  return z.preprocess(
    (value) => (value === '' ? undefined : value),
    z
      .string()
      .max(253, 'must be the name of a Kubernetes object, of at most 253 characters')
      .regex(DNS_NAME, 'must be the name of a Kubernetes object, such as letsencrypt-dns')
      .optional(),
  );
}

/** Schema of the name of a cluster. */
export function clusterName() {
  return text(DEFAULT_CLUSTER).refine((value) => CLUSTER_NAME_PATTERN.test(value), {
    error: 'must have 1 to 63 of a-z, 0-9 and -, and begin and end with a letter or digit',
  });
}

/** Schema of a list of `cluster=context`, separated by commas. Returns the contexts by the names of their clusters. */
export function clusterContexts() {
  const message = 'must be pairs such as eu-1=eu-1-reader, separated by commas, with each cluster once';
  return z
    .string()
    .default('')
    .transform((value, context): ReadonlyMap<string, string> => {
      const pairs = listOf(value).map((entry) => {
        const at = entry.indexOf('=');
        return [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)] as const;
      });
      const contexts = new Map(pairs);
      const isComplete = pairs.every(([name, kubeContext]) => CLUSTER_NAME_PATTERN.test(name) && kubeContext !== '');
      if (!isComplete || contexts.size < pairs.length) context.addIssue({ code: 'custom', message });
      return contexts;
    });
}

/** Schema of the base URL of links. */
export function httpUrl(fallback: string) {
  return text(fallback).refine((value) => /^https?:\/\//.test(value) && URL.canParse(value), {
    error: 'must be a URL such as http://127.0.0.1:8233',
  });
}

/** Schema of a list of origins, separated by commas. Returns them as browsers send them. */
export function origins() {
  return z.preprocess(
    listOf,
    z
      .array(
        z
          .string()
          .refine(isOrigin, 'must be origins such as https://api.example.com, separated by commas')
          .transform((value) => new URL(value).origin),
      )
      .readonly(),
  );
}

/** Schema of one origin. Returns it as browsers send it. */
export function origin() {
  return z.preprocess(
    (value) => (value === '' ? undefined : value),
    z
      .string()
      .refine(isOrigin, 'must be an origin such as https://stores.example.com, without a path')
      .transform((value) => new URL(value).origin)
      .optional(),
  );
}

/** Schema of a list of email addresses, separated by commas. Returns them in lower case. */
export function emails() {
  const message = 'must be email addresses, separated by commas';
  return z.preprocess(listOf, z.array(z.email(message).toLowerCase()).readonly());
}

/** Roles that a claim of an issuer can give. `domain/access/roles.ts` explains the roles of a tenant. */
export const ROLE_NAMES = ['viewer', 'member', 'admin', 'operator'] as const;

/** Schema of a list of `value=role`, separated by commas. */
export function roleMapping() {
  const message = `must be pairs such as shop-admins=admin, separated by commas. Roles: ${ROLE_NAMES.join(', ')}`;
  const pair = z.tuple([z.string().min(1), z.enum(ROLE_NAMES)], message).readonly();
  return z.preprocess(
    (value) =>
      listOf(value).map((entry) => [entry.slice(0, entry.lastIndexOf('=')), entry.slice(entry.lastIndexOf('=') + 1)]),
    z.array(pair).readonly(),
  );
}

/** Schema of a list of networks in CIDR notation, separated by commas. */
export function networks() {
  const message = 'must be networks such as 169.254.20.10/32, separated by commas';
  return z.preprocess(listOf, z.array(z.union([z.cidrv4(message), z.cidrv6(message)], message)).readonly());
}

/** CPU and memory, as numbers of the units that Kubernetes quantities share. */
interface PodResources {
  readonly cpuMillis: number;
  readonly memoryMebibytes: number;
}

const POD_RESOURCES =
  /^(?=.)(?:cpu=(?<cpu>[1-9]\d{0,5})(?<milli>m?))?(?:(?:^|(?<=.),)memory=(?<memory>[1-9]\d{0,5})(?<unit>[MG]i))?$/;

/** Schema of CPU and memory such as `cpu=500m,memory=1Gi`. An empty text is none. */
export function podResources() {
  return z
    .string()
    .default('')
    .transform((value, context): PodResources => {
      const found = POD_RESOURCES.exec(value);
      const { cpu = '0', milli, memory = '0', unit } = found?.groups ?? {};
      if (value !== '' && found === null) {
        const message = 'must be an amount of CPU, of memory or both, such as cpu=500m,memory=1Gi';
        context.addIssue({ code: 'custom', message });
      }
      return {
        cpuMillis: Number(cpu) * (milli === 'm' ? 1 : 1_000),
        memoryMebibytes: Number(memory) * (unit === 'Gi' ? 1_024 : 1),
      };
    });
}

/** Schema of a key of 32 bytes as base64. A problem with it never contains its value. */
export function secretKey() {
  return optionalText().refine((value) => value === undefined || isKey(value), {
    error: 'must be 32 bytes as base64, for example from "openssl rand -base64 32"',
  });
}

/** Schema of the id of an installation, a UUID. Returns it in lower case, as Postgres does: names in Temporal contain it. */
export function installationId() {
  return z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.uuid('must be a UUID, for example from "uuidgen"').toLowerCase().optional(),
  );
}

/**
 * Schema of HTTP headers as OpenTelemetry reads them: `name=value`, separated by commas. The SDK drops a header that it cannot read
 * without a message. A problem never contains a value, because values are credentials.
 */
export function headerList() {
  return optionalText().refine((value) => value === undefined || listOf(value).every(isHeader), {
    error:
      'must be headers such as api-key=secret, separated by commas, with %2C for a comma and %3B for a semicolon in a value',
  });
}

function isHeader(entry: string): boolean {
  const [name = '', ...rest] = entry.split('=');
  const value = rest.join('=').trim();
  if (value === '' || value.includes(';')) return false;
  try {
    validateHeaderName(name.trim());
    validateHeaderValue(name.trim(), decodeURIComponent(value));
    return true;
  } catch {
    return false;
  }
}

function isKey(value: string): boolean {
  return /^[A-Za-z0-9+/]{43}=?$/.test(value);
}

/** Splits a value at its commas. */
function listOf(value: unknown): readonly string[] {
  if (typeof value !== 'string') return [];
  return value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.href === `${url.origin}/`;
}
