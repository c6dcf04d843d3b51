/** Door of secret-engines: references to secrets, and what they mean now. */
export { createSecrets } from './create-secrets.ts';
export type { CreateSecretsOptions } from './create-secrets.ts';
export type { ReadMode } from './document-reader.ts';
export type { EngineName } from './engine-parameters.ts';
export type { SecretDocument } from './secret-document.ts';
export type { SecretEngine } from './secret-engine.ts';
export { SecretError } from './secret-error.ts';
export type { SecretErrorCode } from './secret-error.ts';
export {
  describeReference,
  isSecretReference,
  parseSecretReference,
  problemOfReference,
} from './secret-reference.ts';
export type { SecretReference } from './secret-reference.ts';
export {
  checkSecrets,
  referencesIn,
  secretFile,
  secretsSchema,
  secretText,
} from './secrets-config.ts';
export type { SecretsConfig, VaultConfig } from './secrets-config.ts';
export { Secrets } from './secrets.ts';
export type { SecretsDeps, SecretsFollow } from './secrets.ts';
