/**
 * The two programs of an installation as processes under a reaper, built as they are published, each
 * with its configuration in a file; stopped, killed and started again on the same ports and data.
 */
import { writeFile } from 'node:fs/promises';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type ProgramHandle, startProgram } from '@fairlead/testbed';
import { stringify } from 'yaml';
import { parseSamples, type Sample } from './prometheus-text.ts';

/** A running bridge. */
export interface BridgeProgram {
  /** Of the HTTP API. */
  readonly url: string;
  /** Where links are taken: `127.0.0.1:PORT`. */
  readonly grpcAddress: string;
  readonly program: ProgramHandle;
  metrics(): Promise<readonly Sample[]>;
}

/** A running agent. */
export interface AgentProgram {
  /** Of its local health and metrics port. */
  readonly url: string;
  /** Its configuration file; writing it anew reconfigures the agent. */
  readonly configFile: string;
  readonly program: ProgramHandle;
  metrics(): Promise<readonly Sample[]>;
}

/** How to start a bridge. */
export interface BridgeProgramOptions {
  /** As in the configuration: `embedded:DIR`, `postgres://...`, `mysql://...`. */
  readonly sqlUrl: string;
  /**
   * Further configuration, merged at the top level, or what makes it of the URL of the HTTP API.
   * @defaultValue none
   */
  readonly config?:
    Readonly<Record<string, unknown>> | ((url: string) => Readonly<Record<string, unknown>>);
  /**
   * Serve HTTP over TLS: paths of PEM files, and a client CA whose certificates may be shown.
   * @defaultValue plain HTTP
   */
  readonly httpTls?: {
    readonly certFile: string;
    readonly keyFile: string;
    readonly clientCaFile: string;
  };
  /** Wait for `/readyz`; else only for `/healthz`. @defaultValue true */
  readonly untilReady?: boolean;
  /** For Node itself, e.g. `--cpu-prof`. @defaultValue none */
  readonly nodeArgs?: readonly string[];
}

/** How to start an agent. */
export interface AgentProgramOptions {
  /** Where the bridge takes links. */
  readonly grpcAddress: string;
  /** As in the configuration. */
  readonly accounts: readonly Readonly<Record<string, unknown>>[];
  /** Further configuration, merged at the top level. @defaultValue none */
  readonly config?: Readonly<Record<string, unknown>>;
  /** For Node itself, e.g. `--heapsnapshot-signal=SIGUSR2`. @defaultValue none */
  readonly nodeArgs?: readonly string[];
  /** Added to the environment. @defaultValue none */
  readonly env?: Readonly<Record<string, string>>;
}

/** In the program's own working directory. */
const configFileName = 'config.yaml';
const appsFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** Starts a bridge on free loopback ports. */
export async function startBridgeProgram(options: BridgeProgramOptions): Promise<BridgeProgram> {
  const [grpcPort, httpPort] = [await freePort(), await freePort()];
  const { config: further, httpTls: tls } = options;
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(httpPort)}`;
  const config = {
    grpc: { host: '127.0.0.1', port: grpcPort },
    http: {
      ...{ host: '127.0.0.1', port: httpPort },
      ...(tls && { tls: { ...tls, clientAuth: 'optional' } }),
    },
    sql: { url: options.sqlUrl, schema: 'standalone' },
    ...(typeof further === 'function' ? further(url) : further),
  };
  const program = await startApp('clouddriver-bridge', config, {
    nodeArgs: options.nodeArgs ?? [],
    env: {},
    readyUrl: `${url}${options.untilReady === false ? '/healthz' : '/readyz'}`,
  });
  return {
    url,
    grpcAddress: `127.0.0.1:${String(grpcPort)}`,
    program,
    metrics: () => scrape(`${url}/metrics`),
  };
}

/** Starts an agent; resolves when its health port answers, not when it is in sync. */
export async function startAgentProgram(options: AgentProgramOptions): Promise<AgentProgram> {
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const program = await startApp('agent', agentConfig(options, port), {
    nodeArgs: options.nodeArgs ?? [],
    env: options.env ?? {},
    readyUrl: `${url}/health/live`,
  });
  const configFile = join(program.directory, configFileName);
  return { url, configFile, program, metrics: () => scrape(`${url}/metrics`) };
}

function agentConfig(
  options: AgentProgramOptions,
  port: number,
): Readonly<Record<string, unknown>> {
  return {
    clouddriver: { grpc: options.grpcAddress, insecure: true },
    kubernetes: { accounts: options.accounts },
    server: { host: '127.0.0.1', port },
    prometheus: { enabled: false },
    ...options.config,
  };
}

/** Writes an agent's configuration anew, other accounts than before, all else the same. */
export async function rewriteAgentConfig(
  agent: AgentProgram,
  options: AgentProgramOptions,
): Promise<void> {
  await writeFile(
    agent.configFile,
    stringify(agentConfig(options, Number(new URL(agent.url).port))),
  );
}

async function startApp(
  name: 'agent' | 'clouddriver-bridge',
  config: Readonly<Record<string, unknown>>,
  {
    nodeArgs,
    env,
    readyUrl,
  }: {
    readonly nodeArgs: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly readyUrl: string;
  },
): Promise<ProgramHandle> {
  return startProgram({
    name,
    command: process.execPath,
    args: [
      '--disable-warning=ExperimentalWarning',
      ...nodeArgs,
      join(appsFolder, name, 'dist', 'main.js'),
      ...['--config', configFileName],
    ],
    env,
    files: { [configFileName]: stringify(config) },
    isReady: async () => (await askLocally(readyUrl, 2_000)).status === 200,
  });
}

async function scrape(url: string): Promise<readonly Sample[]> {
  return parseSamples((await askLocally(url, 10_000)).text);
}

/** Asks a program on this machine. Whom its certificate is of is other tests' business. */
function askLocally(
  url: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly text: string }> {
  const signal = AbortSignal.timeout(timeoutMs);
  const request = url.startsWith('https:') ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, rejectUnauthorized: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}
