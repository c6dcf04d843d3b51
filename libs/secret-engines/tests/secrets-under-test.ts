/** Secrets over real engines, with time that a test moves. */
import { createSecrets, secretsSchema, type Secrets } from '../src/index.ts';

/** Made from a section `secrets:`. */
export interface SecretsUnderTest {
  readonly secrets: Secrets;
  /** Reads it now, whatever was read before. */
  readonly read: (reference: string) => Promise<string>;
  /** Moves time. */
  readonly pass: (ms: number) => void;
}

/** Makes them. Nothing sleeps: only what is read on demand is read. */
export function secretsUnderTest(
  section: object,
  environment: Readonly<Record<string, string>> = {},
): SecretsUnderTest {
  let nowMs = Date.now();
  const secrets = createSecrets({
    config: secretsSchema.parse(section),
    environment,
    clock: { nowMs: () => nowMs, sleep: () => new Promise(() => undefined) },
    random: { next: () => 0.5 },
  });
  const pass = (ms: number): void => void (nowMs += ms);
  return {
    secrets,
    pass,
    read: async (reference) => {
      pass(2_000);
      const isFile = /^(encryptedFile|secretFile):/.test(reference);
      if (isFile) return (await secrets.content(reference, 'fresh')).toString('utf8');
      return secrets.text(reference, 'fresh');
    },
  };
}
