/** The bridge's secrets: what its configuration refers to, who is told of trouble, and the database's URL. */
import {
  createSecrets,
  isSecretReference,
  referencesIn,
  SecretError,
  type Secrets,
} from '@fairlead/secret-engines';
import {
  type Clock,
  type Environment,
  type HealthRegistry,
  type Lifecycle,
  type Logger,
  type Random,
} from '@fairlead/service-kit';
import { type BridgeConfig } from './config.ts';

/** What they are made of. */
export interface BridgeSecretsDeps {
  readonly config: BridgeConfig;
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly health: HealthRegistry;
  readonly environment?: Environment | undefined;
}

/** How long the database's URL is waited for at the start, in milliseconds. */
const startLimitMs = 60_000;

/**
 * Makes them, follows all that the configuration refers to, and waits for what the bridge cannot start
 * without: where its database is, and the certificates of its ports.
 * @throws Error with engine, place and reason when that does not come within 60 s
 */
export async function openBridgeSecrets(deps: BridgeSecretsDeps): Promise<Secrets> {
  const { config, lifecycle, log, clock, random, health, environment = {} } = deps;
  const secrets: Secrets = createSecrets({
    ...{ config: config.secrets, environment, clock, random },
    onTrouble: ({ place, error }) => {
      if (error === undefined) log.info({ secret: place }, 'secret can be read again');
      else log.warn({ secret: place, reason: error.reason }, 'secret cannot be read');
      const reasons = secrets.troubles().map(({ message }) => message);
      const isHealthy = reasons.length === 0;
      health.set('secrets', { impact: 'notice', isHealthy, reason: reasons.join('; ') });
    },
  });
  lifecycle.onStop('secrets', () => secrets.close());
  await secrets.follow(referencesIn(config), () => undefined);
  const { sql, grpc, http } = config;
  const needed = referencesIn({ sql, grpc: grpc.tls, http: http.tls });
  try {
    await secrets.waitFor(needed, { limitMs: startLimitMs, signal: lifecycle.signal });
  } catch (error: unknown) {
    throw new Error(`the bridge cannot start: ${SecretError.from(error, '').message}`, {
      cause: error,
    });
  }
  return secrets;
}

/**
 * The database's URL as it is now, with user and password.
 * @throws SecretError where a reference cannot be resolved, or leads to no URL
 */
export async function databaseUrl(sql: BridgeConfig['sql'], secrets: Secrets): Promise<string> {
  const url = await secrets.text(sql.url);
  if (sql.user === undefined && sql.password === undefined) return url;
  if (!URL.canParse(url)) throw new SecretError('malformed', 'sql.url is no URL');
  const whole = new URL(url);
  if (sql.user !== undefined) whole.username = encodeURIComponent(await secrets.text(sql.user));
  if (sql.password !== undefined) {
    whole.password = encodeURIComponent(await secrets.text(sql.password));
  }
  return whole.href;
}

/**
 * Keeps the URL up to date; the answer tells it. While it cannot be had, it is what it was: the server
 * decides whether that still does.
 */
export async function followDatabaseUrl(
  { config: { sql }, log }: Pick<BridgeSecretsDeps, 'config' | 'log'>,
  secrets: Secrets,
): Promise<{ readonly first: string; readonly current: (() => string) | undefined }> {
  const first = await databaseUrl(sql, secrets);
  const references = [sql.url, sql.user, sql.password].filter(
    (each) => each !== undefined && isSecretReference(each),
  );
  if (references.length === 0) return { first, current: undefined };
  let url = first;
  const update = async (): Promise<void> => {
    const next = await databaseUrl(sql, secrets);
    if (next !== url) log.info('the database has another user or password');
    url = next;
  };
  // What is wrong with a reference is told by those who read it.
  const look = (): void => void update().catch(() => undefined);
  await secrets.follow(referencesIn(references), look);
  return { first, current: () => url };
}
