/** A whole bridge in this process, on free ports, with an embedded database in a directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, nodeClock, nodeRandom, readConfig } from '@fairlead/service-kit';
import { startBridge } from '../src/bridge-service.ts';
import { bridgeConfigDefinition } from '../src/config.ts';

export interface BridgeUnderTest {
  readonly grpcPort: number;
  readonly httpPort: number;
  /** Lines of the log so far. */
  readonly log: readonly string[];
  get(path: string, token?: string): Promise<{ status: number; text: string; type: string }>;
  post(
    path: string,
    token?: string,
    body?: object,
  ): Promise<{ status: number; text: string; type: string }>;
  /** Body of a GET that must succeed. */
  json<T>(path: string, token?: string): Promise<T>;
  /** Asks until the answer is as wanted. */
  until<T>(path: string, isWanted: (answer: T) => boolean): Promise<T>;
  stop(): Promise<void>;
}

/** Starts a bridge; `config` is YAML on top of free ports and the embedded database in `directory`. */
export async function startBridgeUnderTest(
  directory: string,
  config = '',
  bridgeId = 'bridge-test',
): Promise<BridgeUnderTest> {
  const base = `
grpc: { port: 0 }
http: { port: 0 }
sql: { url: 'embedded:${directory}' }
`;
  const texts = [
    { source: 'base', text: base },
    { source: 'test', text: config },
  ];
  const result = readConfig(bridgeConfigDefinition, config === '' ? texts.slice(0, 1) : texts);
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  const log: string[] = [];
  const stopping = new AbortController();
  const releases: (() => Promise<void> | void)[] = [];
  const { grpcPort, httpPort } = await startBridge({
    config: result.config,
    bridgeId,
    version: '0.0.0-test',
    clock: nodeClock,
    random: nodeRandom,
    log: createLogger({
      name: 'test',
      level: 'debug',
      destination: {
        write: (line: string) => void log.push(line),
      },
    }),
    lifecycle: {
      signal: stopping.signal,
      onStop: (_name, release) => void releases.push(release),
      stop: (reason) => {
        stopping.abort(new Error(reason));
      },
    },
  });
  const ask = async (method: string, path: string, token?: string, body?: object) => {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, {
      ...{ headers, method, body: body === undefined ? null : JSON.stringify(body) },
    });
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, text: await response.text(), type };
  };
  const get = (path: string, token?: string) => ask('GET', path, token);
  const json = async <T>(path: string, token?: string): Promise<T> => {
    const { status, text } = await get(path, token);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  };
  return {
    grpcPort,
    httpPort,
    log,
    get,
    post: (path, token, body) => ask('POST', path, token, body),
    json,
    until: async (path, isWanted) => {
      while (!stopping.signal.aborted) {
        const answer = await json<never>(path);
        if (isWanted(answer)) return answer;
      }
      throw new Error(`${path} was never as wanted`);
    },
    stop: async () => {
      stopping.abort(new Error('test is over'));
      for (const release of releases.reverse()) await release();
    },
  };
}

/** A directory that is there for the length of `work`. */
export async function withDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
