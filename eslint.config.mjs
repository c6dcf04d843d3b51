// The rules of the house for ESLint: types strict, rooms walled, cores pure.
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import * as jsoncParser from 'jsonc-eslint-parser';

const shared = 'scope:shared';
const outsideCores = [
  '@grpc/grpc-js',
  '@kubernetes/*',
  'knex',
  'pg',
  'mysql2',
  'pino',
  'fastify',
  'prom-client',
];

const boundaries = [
  'error',
  {
    enforceBuildableLibDependency: false,
    allow: [],
    depConstraints: [
      {
        sourceTag: 'type:contract',
        onlyDependOnLibsWithTags: [],
        bannedExternalImports: ['@kubernetes/*', 'knex', 'pg', 'mysql2', 'pino'],
      },
      {
        sourceTag: 'type:core',
        onlyDependOnLibsWithTags: ['type:contract', 'type:core'],
        bannedExternalImports: outsideCores,
      },
      {
        sourceTag: 'type:adapter',
        onlyDependOnLibsWithTags: ['type:contract', 'type:core', 'type:adapter'],
      },
      {
        sourceTag: 'type:app',
        onlyDependOnLibsWithTags: ['type:contract', 'type:core', 'type:adapter'],
      },
      { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['*'] },
      { sourceTag: 'scope:agent', onlyDependOnLibsWithTags: ['scope:agent', shared] },
      { sourceTag: 'scope:bridge', onlyDependOnLibsWithTags: ['scope:bridge', shared] },
      { sourceTag: shared, onlyDependOnLibsWithTags: [shared] },
    ],
  },
];

/** What a core must be handed instead of taking it from the air. */
const pureCores = {
  'no-restricted-globals': [
    'error',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'fetch',
    'process',
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Take a Clock.' },
    { object: 'Math', property: 'random', message: 'Take a Random.' },
  ],
  '@typescript-eslint/no-restricted-imports': [
    'error',
    {
      paths: [
        'node:fs',
        'node:fs/promises',
        'node:net',
        'node:http',
        'node:https',
        'node:http2',
        'node:timers',
        'node:timers/promises',
        'node:child_process',
        'node:process',
      ].map((name) => ({ name, message: 'A core does no I/O; take it as a narrow interface.' })),
    },
  ],
};

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/out-tsc',
      '**/gen',
      '**/node_modules',
      '**/tmp',
      '**/coverage',
      '**/assembly',
      '.nx',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@nx/enforce-module-boundaries': boundaries,
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': 'allow-with-description' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
      ],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // The doctor looks at an installation with the programs' own eyes; each has a door for that.
    files: ['apps/conformance-harness/src/doctor/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          ...boundaries[1],
          allow: ['@fairlead/agent/examination', '@fairlead/clouddriver-bridge/examination'],
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', '**/tests/**/*.ts', '**/testing/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@nx/enforce-module-boundaries': 'off',
    },
  },
  {
    files: [
      'libs/secret-scrubber/src/**/*.ts',
      'libs/watch-engine/src/**/*.ts',
      'libs/account-registry/src/**/*.ts',
      'libs/clouddriver-model/src/**/*.ts',
      'libs/protocol/src/**/*.ts',
    ],
    ignores: ['**/*.spec.ts', '**/testing/**', '**/node-*.ts'],
    rules: pureCores,
  },
  {
    files: ['tools/**/*.ts', 'apps/*/src/**/main.ts', 'apps/conformance-harness/src/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/package.json'],
    languageOptions: { parser: jsoncParser },
    plugins: { '@nx': nx },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          ignoredFiles: [
            '{projectRoot}/jest.config.mjs',
            '{projectRoot}/tests/**',
            '{projectRoot}/src/**/*.spec.ts',
            '{projectRoot}/assembly/**',
          ],
          // Run from source, never built: Nx does not see it as a package.
          ignoredDependencies: ['@fairlead/testbed'],
          useLocalPathsForWorkspaceDependencies: false,
        },
      ],
    },
  },
  {
    // What judges the libs runs nowhere else: development dependencies, which the rule passes over.
    files: ['tools/packages/package.json'],
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          ignoredDependencies: [
            '@arethetypeswrong/core',
            '@fairlead/charts',
            '@fairlead/testbed',
            'nx',
            'publint',
          ],
        },
      ],
    },
  },
  {
    // Used by generated code alone, which is not in git and so not seen.
    files: ['libs/protocol/package.json'],
    rules: {
      '@nx/dependency-checks': [
        'error',
        { ignoredDependencies: ['@bufbuild/protobuf', '@grpc/grpc-js'] },
      ],
    },
  },
);
