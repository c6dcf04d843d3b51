/** The configuration files that `npm start` writes for the two programs. Pure. */
import { resolve } from 'node:path';
import { parse, stringify } from 'yaml';

/** One account for each context of a kubeconfig. */
export interface StartAccount {
  readonly name: string;
  readonly context: string;
}

/** The contexts of a kubeconfig as accounts; only the wanted ones if any are named. */
export function accountsOfKubeconfig(
  text: string,
  wanted: readonly string[],
): readonly StartAccount[] {
  const { contexts = [] } = parse(text) as { contexts?: readonly { readonly name: string }[] };
  return contexts
    .filter(({ name }) => wanted.length === 0 || wanted.includes(name))
    .map(({ name }) => ({ name, context: name }));
}

/** The bridge's file: embedded database, loopback only. */
export function bridgeConfig(options: {
  httpPort: number;
  grpcPort: number;
  dataFolder: string;
}): string {
  return stringify({
    grpc: { host: '127.0.0.1', port: options.grpcPort },
    http: { host: '127.0.0.1', port: options.httpPort },
    sql: { url: `embedded:${resolve(options.dataFolder)}` },
  });
}

/** The agent's file: every account of the kubeconfig. */
export function agentConfig(options: {
  grpcPort: number;
  agentPort: number;
  kubeconfig: string;
  accounts: readonly StartAccount[];
}): string {
  return stringify({
    clouddriver: { grpc: `127.0.0.1:${options.grpcPort}`, insecure: true },
    kubernetes: {
      accounts: options.accounts.map(({ name, context }) => ({
        name,
        kubeconfigFile: resolve(options.kubeconfig),
        context,
      })),
    },
    server: { host: '127.0.0.1', port: options.agentPort },
    prometheus: { enabled: false },
  });
}
