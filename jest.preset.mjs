// What every project's Jest shares: sources of sibling libs are read directly (nothing need be
// built), TypeScript is stripped by swc, and nothing may be printed by a test.
// ESM-only packages are transformed too, since Jest loads modules as CommonJS.
const esmOnly = [
  '@kubernetes/client-node',
  'openid-client',
  'oauth4webapi',
  'jose',
  'commander',
  'github-slugger',
  'marked',
  'chokidar',
  'readdirp',
  'socks-proxy-agent',
  'agent-base',
];

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@fairlead/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: [],
  moduleFileExtensions: ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'node'],
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/tests/**/*.spec.ts'],
  transform: {
    '^.+\\.[cm]?[tj]s$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: false },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'commonjs', ignoreDynamic: false },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  injectGlobals: true,
  restoreMocks: true,
  errorOnDeprecated: true,
  cacheDirectory: new URL('./node_modules/.cache/jest', import.meta.url).pathname,
};
