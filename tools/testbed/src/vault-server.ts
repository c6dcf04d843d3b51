/**
 * A real Vault on loopback, in memory and unsealed: its core and HTTP API as HashiCorp's modules have
 * them, with the engines that secrets are read by (`vault/server`).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOnFreePort } from './free-port.ts';
import { buildGoPrograms, mayHavePrograms } from './go-programs.ts';
import { startProgram, type ProgramHandle } from './program-server.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import type { Environment } from './testbed-environment.ts';

/** One request to a Vault. */
export interface VaultApiRequest {
  /** Below `/v1/`. */
  readonly path: string;
  /** @defaultValue 'GET' */
  readonly method?: 'GET' | 'POST' | 'DELETE' | 'LIST';
  /** Sent as JSON. @defaultValue nothing */
  readonly body?: unknown;
  /** @defaultValue the root token */
  readonly token?: string;
}

/** A running Vault; it forgets everything when it ends. */
export interface VaultHandle extends AsyncDisposable {
  /** Such as `http://127.0.0.1:18211`. */
  readonly url: string;
  readonly rootToken: string;
  readonly program: ProgramHandle;
  /** Sends a request; answers with the JSON. @throws TestbedError `requestFailed` for 400 and above */
  request(request: VaultApiRequest): Promise<unknown>;
  /** Ends it. */
  stop(): Promise<void>;
}

const cacheFolder = 'vault';
const ownPackage = './server';
const tokenFile = 'root-token';

/**
 * The path of the program, built now if it is not in the cache (6 minutes on two cores).
 *
 * @throws TestbedError `unavailable` without Go or its module proxy, `buildFailed` when Go gives up
 */
export async function findVault(options: StartOptions = {}): Promise<string> {
  const directory = await buildGoPrograms(
    {
      moduleDirectory: fileURLToPath(new URL('../vault', import.meta.url)),
      cacheFolder,
      packages: { 'vault-server': ownPackage },
      sourceFolders: [ownPackage],
      versionOf: (goMod) => /hashicorp\/vault (v[\d.]+)/.exec(goMod)?.[1] ?? 'v0.0.0',
      linkerFlags: () => '-s -w',
    },
    options,
  );
  return join(directory, 'vault-server');
}

/** True when it is built, or could be. */
export function mayHaveVault(environment: Environment): boolean {
  return mayHavePrograms({ cacheFolder }, environment);
}

/**
 * Starts a Vault; resolves when it is unsealed, in about a second.
 *
 * @throws TestbedError `unavailable`, `buildFailed` or `startFailed`
 */
export async function startVault(options: StartOptions = {}): Promise<VaultHandle> {
  const command = await findVault(options);
  return startOnFreePort(async (port) => {
    const address = `127.0.0.1:${String(port)}`;
    const url = `http://${address}`;
    const program = await startProgram({
      ...options,
      name: 'vault',
      command,
      args: (directory) => [address, join(directory, tokenFile)],
      isReady: async () => (await fetch(`${url}/v1/sys/health`)).ok,
    });
    const rootToken = await readFile(join(program.directory, tokenFile), 'utf8');
    return {
      ...{ url, rootToken, program },
      request: ({ token = rootToken, ...request }) => sendVaultRequest(url, { ...request, token }),
      stop: () => program.stop(),
      [Symbol.asyncDispose]: () => program.stop(),
    };
  });
}

async function sendVaultRequest(
  url: string,
  { path, method = 'GET', body, token = '' }: VaultApiRequest,
): Promise<unknown> {
  const response = await fetch(`${url}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': token },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.ok) return text === '' ? undefined : (JSON.parse(text) as unknown);
  const answer = `${method} ${path}: ${String(response.status)}`;
  throw new TestbedError('requestFailed', answer, { detail: text });
}
