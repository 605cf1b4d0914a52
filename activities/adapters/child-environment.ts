type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables that every child process inherits: the search path, proxies and certificates. */
const INHERITED_VARIABLES = ['PATH', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'SSL_CERT_FILE', 'SSL_CERT_DIR'] as const;

/**
 * Environment variables that the credential plugins of cloud providers read besides the inherited ones. Any other
 * variable can be set in `exec.env` of the kubeconfig.
 */
const PLUGIN_VARIABLES =
  /^(?:HOME|USER|LOGNAME|XDG_[A-Z_]+|AWS_\w+|AZURE_\w+|AAD_\w+|CLOUDSDK_\w+|GOOGLE_\w+|IDENTITY_ENDPOINT|IDENTITY_HEADER|MSI_ENDPOINT|MSI_SECRET)$/;

/** Returns the variables of `env` that every child process inherits. */
export function inheritedEnvironment(env: Environment): Record<string, string> {
  const inherited = INHERITED_VARIABLES.flatMap((name) => {
    const value = env[name] ?? env[name.toLowerCase()];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(inherited);
}

/** Returns the variables of `env` that only a credential plugin gets: the home folder and those of cloud providers. */
export function pluginEnvironment(env: Environment): Record<string, string> {
  const allowed = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && PLUGIN_VARIABLES.test(name) ? [[name, value] as const] : [],
  );
  return Object.fromEntries(allowed);
}
