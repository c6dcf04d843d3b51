// A server that the contract is checked on, simulated or real, reached through a kubeconfig.
import { type ClusterClient, clusterClientFromKubeconfig } from '@fairlead/cluster-client';
import { type JsonObject } from '../src/json-value.ts';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: JsonObject;
}

/** One request of a test. */
export interface TestRequest {
  readonly method?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

/** One line of a watch. */
export interface WatchLine {
  readonly type: string;
  readonly object: JsonObject & { metadata: JsonObject };
  readonly text: string;
}

/** A server under test. */
export class ApiUnderTest {
  readonly #client: ClusterClient;
  /** Makes the server forget all history. */
  readonly forgetHistory: () => Promise<void>;

  constructor(client: ClusterClient, forgetHistory: () => Promise<void>) {
    this.#client = client;
    this.forgetHistory = forgetHistory;
  }

  static async connect(
    kubeconfigFile: string,
    forgetHistory: () => Promise<void>,
  ): Promise<ApiUnderTest> {
    return new ApiUnderTest(await clusterClientFromKubeconfig({ kubeconfigFile }), forgetHistory);
  }

  async send(path: string, request: TestRequest = {}): Promise<Answer> {
    const { method = 'GET', body, contentType = 'application/json', query } = request;
    const response = await this.#client.request({
      method,
      path,
      headers: {
        accept: request.accept ?? 'application/json',
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      ...(query === undefined ? {} : { query }),
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : {} };
  }

  /** Reads an answer as it comes, compressed or not. */
  async fetchBytes(
    path: string,
    headers: Readonly<Record<string, string>>,
    query: Readonly<Record<string, string>> = {},
  ): Promise<{ headers: Readonly<Record<string, string>>; bytes: Buffer }> {
    const accept = { accept: 'application/json' };
    const response = await this.#client.request({
      path,
      query,
      headers: { ...accept, ...headers },
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return { headers: response.headers, bytes: Buffer.concat(chunks) };
  }

  /**
   * Reads lines of a watch until `isEnough`, then leaves; does `meanwhile` once it is open.
   * `accept` in the query is the header of that name.
   */
  async watch(
    path: string,
    query: Readonly<Record<string, string>>,
    isEnough: (lines: readonly WatchLine[]) => boolean,
    meanwhile: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<WatchLine[]> {
    const { accept = 'application/json', ...more } = query;
    const response = await this.#client.request({
      path,
      headers: { accept },
      query: { watch: 'true', timeoutSeconds: '20', ...more },
    });
    if (response.status !== 200) throw new Error(await response.text());
    const acting = meanwhile();
    const lines: WatchLine[] = [];
    let rest = '';
    for await (const chunk of response.body) {
      rest += Buffer.from(chunk).toString();
      const parts = rest.split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.map((text) => ({ ...(JSON.parse(text) as WatchLine), text })));
      if (isEnough(lines)) break;
    }
    await acting;
    return lines;
  }

  close(): void {
    this.#client.close();
  }
}
