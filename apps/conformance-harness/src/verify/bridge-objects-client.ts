// Reads what a bridge has stored, over its public HTTP API.
import { isObject, type JsonObject, type JsonValue, parseExact, textAt } from './exact-json.ts';
import { VerifyError } from './verify-error.ts';

/** One stored object as the bridge lists it. */
export interface StoredItem {
  /** Spinnaker's name of the kind. */
  readonly kind: string;
  /** Such as 'apps/v1'. */
  readonly apiVersion: string;
  /** '' for cluster-scoped types. */
  readonly namespace: string;
  /** Its name. */
  readonly name: string;
  /** What is stored of it; undefined when it was not asked for. */
  readonly manifest: JsonValue | undefined;
}

/** How to reach a bridge. */
export interface BridgeAddress {
  /** Base URL. */
  readonly url: string;
  /** Bearer token; undefined for none. */
  readonly token?: string;
}

/** Objects per page. */
const PAGE_LIMIT = '500';
/** Longer than any page takes; a bridge that hangs must not hang the verification. */
const REQUEST_TIMEOUT_MS = 60_000;

/** A bridge to be verified. */
export class BridgeObjects {
  readonly #address: BridgeAddress;
  readonly #account: string;

  constructor(address: BridgeAddress, account: string) {
    this.#address = address;
    this.#account = account;
  }

  /** The account as the bridge shows it. */
  async account(): Promise<JsonObject> {
    const { status, body } = await this.#get(`accounts/${encodeURIComponent(this.#account)}`);
    if (status === 404) {
      throw new VerifyError('account', `the bridge does not know an account ${this.#account}`);
    }
    if (status !== 200 || !isObject(body)) throw refused('the account', status);
    return body;
  }

  /** Hands over every stored object page by page, of one kind or of all. */
  async eachStored(
    of: { kind?: string; include?: 'manifest' },
    take: (items: readonly StoredItem[]) => void,
  ): Promise<void> {
    let token = '';
    do {
      const query = new URLSearchParams({ account: this.#account, limit: PAGE_LIMIT, ...of });
      if (token !== '') query.set('continue', token);
      const { status, body } = await this.#get(`objects?${query.toString()}`);
      if (status !== 200 || !isObject(body)) throw refused('the stored objects', status);
      const { items } = body;
      take(Array.isArray(items) ? items.filter(isObject).map(itemFrom) : []);
      token = textAt(body, 'continue');
    } while (token !== '');
  }

  /** What is stored of one object now; undefined for nothing. */
  async manifest(at: {
    kind: string;
    namespace: string;
    name: string;
  }): Promise<JsonValue | undefined> {
    const steps = [this.#account, at.kind, at.namespace === '' ? '_' : at.namespace, at.name];
    const { status, body } = await this.#get(`objects/${steps.map(encodeURIComponent).join('/')}`);
    if (status === 404) return undefined;
    if (status !== 200) throw refused(`${at.kind} ${at.name}`, status);
    return body;
  }

  async #get(path: string): Promise<{ status: number; body: JsonValue }> {
    const url = `${this.#address.url.replace(/\/$/, '')}/api/v1/${path}`;
    const { token } = this.#address;
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    try {
      const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const response = await fetch(url, { headers, signal });
      return { status: response.status, body: readBody(await response.text()) };
    } catch (error: unknown) {
      const why = error instanceof Error ? error.message : String(error);
      throw new VerifyError('bridge', `${url} cannot be read: ${why}`, { cause: error });
    }
  }
}

function itemFrom(item: JsonObject): StoredItem {
  const { manifest } = item;
  return {
    kind: textAt(item, 'kind'),
    apiVersion: textAt(item, 'apiVersion'),
    namespace: textAt(item, 'namespace').replace(/^_$/, ''),
    name: textAt(item, 'name'),
    manifest: typeof manifest === 'string' ? parseExact(manifest) : manifest,
  };
}

/** An error page need not be JSON; its status says enough. */
function readBody(text: string): JsonValue {
  try {
    return parseExact(text);
  } catch {
    return null;
  }
}

function refused(what: string, status: number): VerifyError {
  return new VerifyError('bridge', `the bridge answers ${status} for ${what}`);
}
