/** What tests ask a bridge, over its public API and through the `verify` command. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

/** One account as `GET /api/v1/accounts` shows it. */
export interface ShownAccount {
  readonly name: string;
  readonly state: string;
  /** `''` when all is well. */
  readonly reason: string;
  readonly objects: number;
}

/** What `fairlead-conformance verify` said. */
export interface Verdict {
  readonly code: number;
  readonly output: string;
}

/** What to verify against what. */
export interface VerifyOptions {
  readonly kubeconfig: string;
  readonly context?: string;
  readonly bridgeUrl: string;
  readonly account: string;
  /** Of who signed the bridge's certificate. @defaultValue none: plain HTTP, or a known authority */
  readonly caFile?: string;
  /** With the bearer token for the bridge. @defaultValue none */
  readonly tokenFile?: string;
}

const harness = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Runs `fairlead-conformance verify` as a person would. */
export function runVerify(options: VerifyOptions): Promise<Verdict> {
  const args = ['verify', '--kubeconfig', options.kubeconfig, '--bridge', options.bridgeUrl];
  if (options.context !== undefined) args.push('--context', options.context);
  if (options.tokenFile !== undefined) args.push('--bridge-token-file', options.tokenFile);
  args.push('--account', options.account);
  const extra = options.caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: options.caFile };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [harness, ...args],
      { maxBuffer: 64 * 2 ** 20, env: { ...process.env, ...extra } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, output: stdout + stderr });
      },
    );
  });
}

/** What `verify` prints when nothing is wrong; for comparing whole outputs. */
export const allZero = { missing: 0, extra: 0, different: 0, secretValues: 0 };

/** The four counts of a verdict. */
export function countsOf({ output }: Verdict): Readonly<Record<string, number | undefined>> {
  const count = (label: string): number | undefined => {
    const match = new RegExp(`${label}\\s+(\\d+)`).exec(output);
    return match === null ? undefined : Number(match[1]);
  };
  return {
    missing: count('missing'),
    extra: count('extra'),
    different: count('different'),
    secretValues: count('secret values'),
  };
}

/** Waits until the bridge shows the account in `state`. */
export function untilAccount(
  bridgeUrl: string,
  name: string,
  state = 'synced',
): Promise<ShownAccount> {
  return eventually(
    async () => {
      const response = await fetch(`${bridgeUrl}/api/v1/accounts/${name}`);
      if (!response.ok) return undefined;
      const account = (await response.json()) as ShownAccount;
      return account.state === state && account;
    },
    { what: `account ${name} is ${state}`, timeoutMs: 120_000 },
  );
}

/** One feed as `GET /api/v1/accounts/{name}/feeds` shows it. */
export interface ShownFeed {
  readonly kind: string;
  readonly state: string;
  /** `''` when all is well. */
  readonly reason: string;
  /** When its rows were last compared with the cluster; null if never. */
  readonly verifiedAt: string | null;
}

/** The feeds of an account; none while the bridge does not know it. Up to a page of them. */
export async function feedsOf(bridgeUrl: string, name: string): Promise<readonly ShownFeed[]> {
  const response = await fetch(`${bridgeUrl}/api/v1/accounts/${name}/feeds`);
  if (!response.ok) return [];
  return ((await response.json()) as { readonly items: readonly ShownFeed[] }).items;
}
