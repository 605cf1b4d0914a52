import { ALL_PLATFORMS, type ToolManifest, type ToolSpec } from './tool-spec.ts';

const SERVER_RELEASE = 'https://github.com/temporalio/temporal/releases/download/v{version}';
const UI_RELEASE = 'https://github.com/temporalio/ui-server/releases/download/v{version}';

/** The version of the server that the `temporal` CLI of the stack contains. */
const SERVER_VERSION = '1.32.0';

function serverProgram(binary: string, envVariable: string, packagePath: string): ToolSpec {
  return {
    version: SERVER_VERSION,
    binary,
    envVariable,
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: ALL_PLATFORMS,
        url: `${SERVER_RELEASE}/temporal_{version}_{os}_{arch}.tar.gz`,
        checksumUrl: `${SERVER_RELEASE}/checksums.txt`,
        digest: 'sha256',
        entry: binary,
      },
    ],
    go: { folder: 'temporal-server', package: packagePath, module: 'go.temporal.io/server', buildTime: 'about 6 min' },
  };
}

/** The programs of `npm start -- --temporal cluster`. `fillTemplate` replaces `{version}`, `{os}` and `{arch}`. */
export const TEMPORAL_TOOLS: Pick<ToolManifest, 'temporal-server' | 'temporal-sql-tool' | 'temporal-ui-server'> = {
  'temporal-server': serverProgram('temporal-server', 'TEMPORAL_SERVER_BIN', 'go.temporal.io/server/cmd/server'),
  /** Creates the tables of the server. It contains their definitions. */
  'temporal-sql-tool': serverProgram(
    'temporal-sql-tool',
    'TEMPORAL_SQL_TOOL_BIN',
    'go.temporal.io/server/cmd/tools/sql',
  ),
  /** The Web UI of a server that has none. */
  'temporal-ui-server': {
    version: '2.54.1',
    binary: 'ui-server',
    envVariable: 'TEMPORAL_UI_SERVER_BIN',
    versionArguments: ['--version'],
    downloads: [
      {
        platforms: ALL_PLATFORMS,
        url: `${UI_RELEASE}/ui-server_{version}_{os}_{arch}.tar.gz`,
        checksumUrl: `${UI_RELEASE}/ui-server_{version}_checksums.txt`,
        digest: 'sha256',
        entry: 'ui-server',
      },
    ],
    go: {
      folder: 'temporal-ui-server',
      package: 'github.com/temporalio/ui-server/v2/cmd/server',
      module: 'github.com/temporalio/ui-server/v2',
      buildTime: 'about 1 min',
    },
  },
};
