/** A bridge with TLS and tokens, and an agent that feeds one cluster, where the pages say they are. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createCertificateAuthority,
  startProgram,
  type KubeServer,
  type ProgramHandle,
} from '@fairlead/testbed';
import { parse, stringify } from 'yaml';

/** Where to put it. */
export interface InstallationOptions {
  /** For keys, configuration and data. */
  readonly folder: string;
  /** Root of the working copy, whose built programs run. */
  readonly root: string;
  /** The cluster of account `prod-eu`. */
  readonly kube: KubeServer;
}

/** A running installation. */
export interface Installation extends AsyncDisposable {
  /** Tells commands of the token and of who signs the bridge's certificate. */
  readonly env: Readonly<Record<string, string>>;
  /** What lies in the reader's folder: `armory-agent.yaml`, an agent's file as Armory's users have it. */
  readonly files: Readonly<Record<string, string>>;
}

const token = 'token-of-the-pages';
/** A list of an empty cluster takes a second; the rest is the machine's. */
const syncTimeoutMs = 60_000;

/** Starts both programs; resolves when the account is in sync. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { folder, kube } = options;
  const files = await writeFiles(join(folder, 'installation'));
  const bridge = await startApp('clouddriver-bridge', options, bridgeConfig(files));
  const agent = await startApp('agent', options, agentConfig(files, kube.kubeconfigPath));
  await untilSynced(agent, readFileSync(files.caFile, 'utf8'));
  const authorities = join(folder, 'both-authorities.pem');
  writeFileSync(authorities, `${kube.caPem}\n${readFileSync(files.caFile, 'utf8')}`);
  return {
    env: {
      TOKEN: token,
      SSL_CERT_FILE: authorities,
      CURL_CA_BUNDLE: authorities,
      NODE_EXTRA_CA_CERTS: authorities,
    },
    files: { 'armory-agent.yaml': stringify(armoryConfig(files, kube.kubeconfigPath)) },
    [Symbol.asyncDispose]: async () => {
      await agent.stop();
      await bridge.stop();
    },
  };
}

/** A kubeconfig whose server is trusted as the machine trusts servers. */
export function withoutAuthority(kubeconfig: string): string {
  const config = parse(kubeconfig) as { clusters: { cluster: Record<string, unknown> }[] };
  for (const { cluster } of config.clusters) delete cluster['certificate-authority-data'];
  return stringify(config);
}

interface InstallationFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly tokenFile: string;
  readonly dataFolder: string;
}

async function writeFiles(folder: string): Promise<InstallationFiles> {
  const authority = await createCertificateAuthority();
  const server = await authority.issue({
    subject: 'CN=bridge',
    usage: 'server',
    dnsNames: ['localhost', 'bridge', 'bridge.example'],
  });
  const file = (name: string) => join(folder, name);
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(file('ca.crt'), authority.caPem);
  writeFileSync(file('tls.crt'), server.certificatePem);
  writeFileSync(file('tls.key'), server.privateKeyPem);
  writeFileSync(file('token'), token);
  return {
    caFile: file('ca.crt'),
    certFile: file('tls.crt'),
    keyFile: file('tls.key'),
    tokenFile: file('token'),
    dataFolder: file('data'),
  };
}

function bridgeConfig({ certFile, keyFile, tokenFile, dataFolder }: InstallationFiles) {
  const tls = { certFile, keyFile };
  return {
    grpc: { host: '127.0.0.1', tls },
    http: { host: '127.0.0.1', tls },
    sql: { url: `embedded:${dataFolder}` },
    auth: {
      agents: [{ tokenFile, accounts: ['*'] }],
      clients: [{ tokenFile, name: 'reader', accounts: ['*'], access: 'write' }],
    },
  };
}

function agentConfig({ caFile, tokenFile }: InstallationFiles, kubeconfigFile: string) {
  return {
    clouddriver: {
      grpc: 'bridge.example:9091',
      tls: { cacertFile: caFile },
      auth: { tokenFile },
    },
    kubernetes: { accounts: [{ name: 'prod-eu', kubeconfigFile }] },
  };
}

function armoryConfig({ caFile }: InstallationFiles, kubeconfigFile: string) {
  return {
    clouddriver: {
      grpc: 'bridge.example:9091',
      insecure: false,
      tls: { cacertFile: `file://${caFile}` },
      auth: { token },
      responseRetries: { enabled: true },
    },
    kubernetes: {
      retries: { enabled: true },
      accounts: [{ name: 'prod-eu', kubeconfigFile, metrics: false }],
    },
    pprof: { enabled: false },
  };
}

function startApp(
  name: 'agent' | 'clouddriver-bridge',
  { root }: InstallationOptions,
  config: Readonly<Record<string, unknown>>,
): Promise<ProgramHandle> {
  return startProgram({
    name,
    command: process.execPath,
    args: [join(root, 'apps', name, 'dist', 'main.js'), '--config', 'config.yaml'],
    env: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    files: { 'config.yaml': stringify(config) },
  });
}

async function untilSynced(agent: ProgramHandle, ca: string): Promise<void> {
  const signal = AbortSignal.timeout(syncTimeoutMs);
  while (!(await readAccounts(ca)).includes('"synced"')) {
    if (signal.aborted) throw new Error(`not in sync:\n${await agent.readLog()}`);
    await sleep(100);
  }
}

/** What the bridge says of its accounts; nothing while it does not answer. */
function readAccounts(ca: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve) => {
    const asked = request('https://127.0.0.1:9080/api/v1/accounts', { ca, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.once('close', () => {
        resolve(text);
      });
    });
    // Not listening yet; whoever waits gives up in time.
    asked.once('error', () => {
      resolve('');
    });
    asked.end();
  });
}
