/** The agent's secrets: what its configuration refers to, who is told of trouble, and when to look anew. */
import {
  createSecrets,
  SecretError,
  type Secrets,
  type SecretsFollow,
} from '@fairlead/secret-engines';
import {
  nodeClock,
  nodeRandom,
  type Environment,
  type HealthRegistry,
  type Logger,
} from '@fairlead/service-kit';
import type { AgentConfig } from './config.ts';
import { accountKubeconfigs } from './node-account-files.ts';

/** Who is told. */
export interface AgentSecretsDeps {
  readonly environment: Environment;
  readonly log: Logger;
  readonly health: HealthRegistry;
}

/** Makes them. Nothing is resolved yet. */
export function createAgentSecrets(config: AgentConfig, deps: AgentSecretsDeps): Secrets {
  const { environment, log, health } = deps;
  const secrets: Secrets = createSecrets({
    ...{ config: config.secrets, environment, clock: nodeClock, random: nodeRandom },
    onTrouble: ({ place, error }) => {
      if (error === undefined) log.info({ secret: place }, 'secret can be read again');
      else log.warn({ secret: place, reason: error.reason }, 'secret cannot be read');
      reportSecrets(secrets, health);
    },
  });
  return secrets;
}

/** States in `/health` what of the secrets that are in use cannot be read, and why. */
export function reportSecrets(secrets: Secrets, health: HealthRegistry): void {
  const reasons = secrets.troubles().map(({ message }) => message);
  const isHealthy = reasons.length === 0;
  health.set('secrets', { impact: 'notice', isHealthy, reason: reasons.join('; ') });
}

/**
 * Keeps what the configuration refers to up to date; `onAccounts` when kubeconfigs may have changed.
 * The link reads its own when it is dialled.
 */
export async function followSecrets(
  secrets: Secrets,
  config: AgentConfig,
  onAccounts: () => void,
): Promise<SecretsFollow> {
  const accounts = await secrets.follow(accountKubeconfigs(config.kubernetes.accounts), onAccounts);
  const link = await secrets.follow(linkOptions(config), () => undefined);
  return {
    close: async () => {
      await accounts.close();
      await link.close();
    },
  };
}

/** Longest time that accounts wait for their secrets before they begin without, in milliseconds. */
const settleMs = 3_000;

/** Waits a little for kubeconfigs, so that accounts need not begin twice. */
export async function settleAccounts(secrets: Secrets, config: AgentConfig): Promise<void> {
  const options = accountKubeconfigs(config.kubernetes.accounts);
  await secrets.settle(options, AbortSignal.timeout(settleMs));
}

/** How long the admin pages' own certificate is waited for at the start, in milliseconds. */
const startLimitMs = 60_000;

/** Waits for what the program cannot start without. Rejects when that does not come. */
export async function awaitServerSecrets(
  secrets: Secrets,
  { ssl }: AgentConfig['server'],
  signal: AbortSignal,
): Promise<void> {
  if (!ssl.enabled) return;
  const { certFile, keyFile, caCertFile, keyPassword, keyFilePassword } = ssl;
  const options = [certFile, keyFile, caCertFile, keyPassword, keyFilePassword];
  try {
    const given = options.filter((option) => option !== undefined);
    await secrets.waitFor(given, { limitMs: startLimitMs, signal });
  } catch (error: unknown) {
    throw new Error(`server.ssl: ${SecretError.from(error, '').message}`, { cause: error });
  }
}

function linkOptions({ clouddriver: { auth, tls, insecure } }: AgentConfig): string[] {
  const { clientCertFile, clientKeyFile, cacertFile, clientKeyFilePassword } = tls;
  const ofTls = insecure ? [] : [clientCertFile, clientKeyFile, cacertFile, clientKeyFilePassword];
  return [auth.token, auth.tokenFile, ...ofTls].filter((option) => option !== undefined);
}
