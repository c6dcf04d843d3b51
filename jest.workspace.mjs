// Every project's tests in one Jest process, as `npm test` runs them; `nx test <project>` runs one.
import preset from './jest.preset.mjs';

export default {
  projects: [
    '<rootDir>/libs/*/jest.config.mjs',
    '<rootDir>/apps/*/jest.config.mjs',
    '<rootDir>/tools/*/jest.config.mjs',
  ],
  cacheDirectory: preset.cacheDirectory,
};
