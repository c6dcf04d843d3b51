// Reads a cluster for verification, itself and from scratch: its types from discovery and its
// objects page by page, with nothing in common with how the agent reads them but the connection.
import { type ClusterClient } from '@fairlead/cluster-client';
import { type ServedType } from './account-scope.ts';
import { isObject, type JsonObject, objectAt, parseExact, textAt } from './exact-json.ts';
import { VerifyError } from './verify-error.ts';

/** Objects per page. */
const PAGE_LIMIT = '500';
/** A page of the largest objects (etcd takes 1.5 MiB each) must still fit. */
const MAX_PAGE_BYTES = 1024 * 1024 * 1024;
/** A page token may expire while a slow page is compared; the list then starts again. */
const MAX_LIST_STARTS = 3;

/** A cluster to be verified against. */
export class ClusterObjects {
  readonly #client: ClusterClient;

  constructor(client: ClusterClient) {
    this.#client = client;
  }

  /** Every type that can be listed, each at the version that the server prefers. */
  async types(): Promise<readonly ServedType[]> {
    const groups = await this.#read('/apis');
    const groupVersions = items(groups, 'groups').map((group) =>
      textAt(objectAt(group, 'preferredVersion'), 'groupVersion'),
    );
    const lists = await Promise.all(
      ['v1', ...groupVersions].map((groupVersion) => this.#typesOf(groupVersion)),
    );
    return lists.flat();
  }

  /**
   * Hands over every object of a type page by page; none when the cluster no longer has the type.
   * When the pages expire on the way the list starts again: objects may come twice.
   */
  async eachObject(
    type: ServedType,
    take: (objects: readonly JsonObject[]) => void,
  ): Promise<void> {
    for (let start = 1; start <= MAX_LIST_STARTS; start++) {
      if ((await this.#eachPage(type, take)) === 'done') return;
    }
    throw new VerifyError('cluster', `the list of ${type.resource} expires again and again`);
  }

  /** One object as it is now; undefined when it is not there. */
  async object(
    type: ServedType,
    at: { namespace: string; name: string },
  ): Promise<JsonObject | undefined> {
    const { status, text } = await this.#get(`${pathOf(type, at.namespace)}/${at.name}`);
    if (status === 404) return undefined;
    if (status !== 200) throw refused(type.resource, status);
    return asObject(text);
  }

  async #eachPage(
    type: ServedType,
    take: (objects: readonly JsonObject[]) => void,
  ): Promise<'done' | 'expired'> {
    let token = '';
    do {
      const query = { limit: PAGE_LIMIT, ...(token === '' ? {} : { continue: token }) };
      const { status, text } = await this.#get(pathOf(type, ''), query);
      if (status === 404) return 'done';
      if (status === 410) return 'expired';
      if (status !== 200) throw refused(type.resource, status);
      const page = asObject(text);
      take(items(page, 'items'));
      token = textAt(objectAt(page, 'metadata'), 'continue');
    } while (token !== '');
    return 'done';
  }

  async #typesOf(groupVersion: string): Promise<readonly ServedType[]> {
    const path = groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`;
    const slash = groupVersion.indexOf('/');
    const group = slash < 0 ? '' : groupVersion.slice(0, slash);
    const list = await this.#read(path);
    return items(list, 'resources')
      .filter((resource) => isListable(resource))
      .map((resource) => ({
        apiVersion: groupVersion,
        group,
        kind: textAt(resource, 'kind'),
        resource: textAt(resource, 'name'),
        namespaced: resource.namespaced === true,
      }));
  }

  async #read(path: string): Promise<JsonObject> {
    const { status, text } = await this.#get(path);
    if (status !== 200) throw refused(path, status);
    return asObject(text);
  }

  async #get(
    path: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; text: string }> {
    try {
      const headers = { accept: 'application/json' };
      const response = await this.#client.request({ path, query, headers });
      return { status: response.status, text: await response.text(MAX_PAGE_BYTES) };
    } catch (error: unknown) {
      const why = error instanceof Error ? error.message : String(error);
      throw new VerifyError('cluster', `${path} cannot be read: ${why}`, { cause: error });
    }
  }
}

function pathOf({ apiVersion, resource }: ServedType, namespace: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === '' ? `${root}/${resource}` : `${root}/namespaces/${namespace}/${resource}`;
}

function isListable(resource: JsonObject): boolean {
  const { verbs } = resource;
  return !textAt(resource, 'name').includes('/') && Array.isArray(verbs) && verbs.includes('list');
}

function items(parent: JsonObject, key: string): readonly JsonObject[] {
  const list = parent[key];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function asObject(text: string): JsonObject {
  const value = parseExact(text);
  if (isObject(value)) return value;
  throw new VerifyError('cluster', 'the cluster answers with something that is no object');
}

function refused(what: string, status: number): VerifyError {
  return new VerifyError('cluster', `the cluster answers ${status} for ${what}`);
}
