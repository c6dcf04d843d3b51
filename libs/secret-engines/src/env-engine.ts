/** Secrets in environment variables. What a process was started with does not change. */
import { SecretError } from './secret-error.ts';
import type { SecretEngine } from './secret-engine.ts';

/** An engine over the variables that the program hands in. */
export function createEnvEngine(
  environment: Readonly<Record<string, string | undefined>>,
): SecretEngine {
  return {
    read: ({ parameters: { n = '' } }) => {
      const value = Object.hasOwn(environment, n) ? environment[n] : undefined;
      if (value === undefined) {
        return Promise.reject(new SecretError('notFound', 'it is not set'));
      }
      return Promise.resolve({ kind: 'content', content: Buffer.from(value), keys: 'path' });
    },
  };
}
