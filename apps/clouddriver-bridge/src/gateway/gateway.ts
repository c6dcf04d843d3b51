/**
 * The gateway without HTTP: who asks, what they may, which way leads to the cluster, and what is
 * written down of it. `node-gateway-front.ts` brings requests from sockets.
 */
import {
  ApiTunnelError,
  statusResponse,
  type ApiBody,
  type ApiHandler,
  type ApiHeaders,
  type ApiRequest,
  type ApiResponse,
} from '@fairlead/api-tunnel';
import { type ApiClient, type AuthenticateClient } from '../access/api-client.ts';
import { type ClientCredentials } from '../access/client-credentials.ts';
import { ApiError } from '../problem-details.ts';
import { failedExchange } from './failed-exchange.ts';
import { parseGatewayUrl } from './gateway-path.ts';
import { wantedVerb } from './gateway-verb.ts';
import { impersonatedBy } from './impersonation.ts';
import { readHeader } from './read-preference.ts';

/** A request as it came in. */
export interface GatewayCall {
  readonly method: string;
  /** Path and query of the request line. */
  readonly url: string;
  /** Without the client's credentials, and what is of its connection alone. */
  readonly headers: ApiHeaders;
  /** The protocol it asks to switch to, '' for none. */
  readonly upgrade: string;
  readonly body: ApiBody;
  readonly credentials: ClientCredentials;
  /** Aborted when the client has gone, and by the gateway when it may not have the answer any more. */
  readonly ended: AbortController;
}

/** An answer on its way out. */
export interface GatewayExchange {
  readonly response: ApiResponse;
  /** To be called once when the answer is out, or has broken off. */
  end(how: 'whole' | 'broken'): void;
}

/** What the audit log says of a request: never its query, its headers or a body. */
export interface GatewayAudit {
  /** The client, '' if it is not known. */
  readonly client: string;
  /** The user as whom it acts, '' for itself. */
  readonly impersonates: string;
  /** The client's address. */
  readonly remoteAddress: string;
  readonly account: string;
  /** As RBAC names it, '' where the request cannot be read for sure. */
  readonly verb: string;
  readonly method: string;
  /** Path at the API server, without the query. */
  readonly path: string;
  /** Protocol of a switched connection, '' for none. */
  readonly upgrade: string;
  readonly status: number;
  readonly outcome: 'whole' | 'broken';
  readonly durationMs: number;
}

/** What the gateway works with. */
export interface GatewayDeps {
  readonly authenticate: AuthenticateClient;
  /** Who answers for an account; `undefined`: there is no such account. */
  readonly findApi: (account: string) => ApiHandler | undefined;
  readonly clock: { nowMs(): number };
  readonly audit: (entry: GatewayAudit) => void;
  /** Something has failed that should not. */
  readonly fault: (error: unknown) => void;
}

/** What is known of a call so far. */
interface Entry {
  readonly call: GatewayCall;
  readonly startedMs: number;
  client: string;
  impersonates: string;
  account: string;
  verb: string;
  path: string;
}

/** The gateway. */
export class Gateway {
  readonly #deps: GatewayDeps;

  constructor(deps: GatewayDeps) {
    this.#deps = deps;
  }

  /** Answers a call. Never rejects: what goes wrong is an answer, too. */
  async begin(call: GatewayCall): Promise<GatewayExchange> {
    const startedMs = this.#deps.clock.nowMs();
    const entry: Entry = {
      call,
      startedMs,
      client: '',
      impersonates: '',
      account: '',
      verb: '',
      path: '',
    };
    const { response, release } = await this.#answer(entry);
    const end = (outcome: 'whole' | 'broken'): void => {
      release();
      this.#write(entry, response.status, outcome);
    };
    return { response, end };
  }

  async #answer(
    entry: Entry,
  ): Promise<{ readonly response: ApiResponse; readonly release: () => void }> {
    const nothing = (): void => undefined;
    try {
      const { call } = entry;
      const client = await this.#deps.authenticate(call.credentials);
      entry.client = client.name;
      const allowed = this.#allow(entry, client);
      if ('status' in allowed) return { response: allowed, release: nothing };
      const { access } = allowed;
      const release = client.watch({ account: entry.account, verb: access }, () =>
        call.ended.abort(),
      );
      try {
        return { response: await allowed.api(this.#request(entry, allowed)), release };
      } catch (error: unknown) {
        release();
        throw error;
      }
    } catch (error: unknown) {
      return { response: this.#failed(entry, error), release: nothing };
    }
  }

  /** The way to the cluster, or why there is none for this client. */
  #allow(
    entry: Entry,
    client: ApiClient,
  ):
    | ApiResponse
    | {
        readonly api: ApiHandler;
        readonly access: 'read' | 'write';
        target: string;
        reads: ApiClient['reads'];
      } {
    const { call } = entry;
    const place = parseGatewayUrl(call.url);
    if (place === undefined) return notFound('the path names no cluster: /clusters/{account}/...');
    const { account, target } = place;
    entry.account = account;
    entry.path = target.replace(/\?.*$/s, '');
    const api = this.#deps.findApi(account);
    // What a client may not see is not there for it.
    if (!client.mayRead(account) || api === undefined) {
      return notFound(`there is no cluster ${JSON.stringify(account)}`);
    }
    const { verb, access } = wantedVerb({ ...call, target });
    entry.verb = verb;
    if (access === 'write' && !client.mayWrite(account)) {
      return forbidden(`${client.name} may only read cluster ${account}`);
    }
    const acting = impersonatedBy(call.headers);
    if (acting !== undefined) {
      entry.impersonates = acting.user;
      if (!client.mayImpersonate(acting.user, acting.groups)) {
        return forbidden(`${client.name} may not impersonate ${JSON.stringify(acting.user)}`);
      }
    }
    return { api, access, target, reads: client.reads };
  }

  #request(
    { call, client }: Entry,
    { target, reads }: { readonly target: string; readonly reads: ApiClient['reads'] },
  ): ApiRequest {
    const { method, upgrade, body, ended } = call;
    // What the request itself says wins.
    const headers = reads === 'cache' ? { [readHeader]: reads, ...call.headers } : call.headers;
    return { method, target, headers, upgrade, body, caller: client, signal: ended.signal };
  }

  #failed({ account }: Entry, error: unknown): ApiResponse {
    if (error instanceof ApiTunnelError) return failedExchange(account, error);
    if (error instanceof ApiError) return refused(error);
    this.#deps.fault(error);
    return statusResponse({ status: 500, message: 'fairlead: the bridge has failed; see its log' });
  }

  #write(entry: Entry, status: number, outcome: 'whole' | 'broken'): void {
    const { call, client, impersonates, account, verb, path, startedMs } = entry;
    const { method, upgrade, credentials } = call;
    const { remoteAddress } = credentials;
    const durationMs = this.#deps.clock.nowMs() - startedMs;
    this.#deps.audit({
      ...{ client, impersonates, remoteAddress, account, verb, method, path, upgrade },
      ...{ status, outcome, durationMs },
    });
  }
}

function refused({ status, message, retryAfterSeconds }: ApiError): ApiResponse {
  const wait = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  const headers = { ...wait, ...challenge };
  return statusResponse({ status, message: `fairlead: ${message}`, headers });
}

function notFound(message: string): ApiResponse {
  return statusResponse({ status: 404, message: `fairlead: ${message}` });
}

function forbidden(message: string): ApiResponse {
  return statusResponse({ status: 403, message: `fairlead: ${message}` });
}
