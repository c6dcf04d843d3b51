/**
 * Runs a story against a whole account: an API server in memory, the watcher, a consumer. Each `>`
 * line is something that happens in the world; the lines below it are what the watcher asks for,
 * what it hands over, and how its feeds say they are, in this order. Time stands still but for
 * `+10s` before what happens. What can happen is what `act` below can read.
 */
import {
  AccountWatcher,
  ListPermits,
  noObserver,
  type ClusterApiRequest,
  type ClusterApiResponse,
  type Delta,
  type DeltaSink,
  type FeedKey,
  type FeedOutput,
  type ResourceType,
} from '../src/index.ts';
import {
  errorEvent,
  FakeClock,
  isPositionRequest,
  MemoryCluster,
  PODS,
  RecordingSink,
  seededRandom,
  settle,
  statusObject,
  wholeResponse,
  type ClusterBackup,
} from '../src/testing/index.ts';
import type { ScenarioStep } from './scenario-runner.ts';

const CRDS: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

type Fields = ReadonlyMap<string, string>;

/** `pods`, or `tabs.example.com/v1`: a kind called `Tab`. */
function typeOf(text: string): ResourceType {
  if (text === 'pods') return PODS;
  if (text === 'definitions') return CRDS;
  const [, resource = '', group = '', version = 'v1'] =
    /^([^./]+)\.?([^/]*)\/?(.*)$/.exec(text) ?? [];
  const kind = resource.charAt(0).toUpperCase() + resource.slice(1, -1);
  return { group, version: version || 'v1', resource, kind, namespaced: true };
}

function nameOf({ group, resource }: Pick<ResourceType, 'group' | 'resource'>): string {
  if (resource === CRDS.resource) return 'definitions';
  return group === '' ? resource : `${resource}.${group}`;
}

/** What a resource answers instead of what it would. */
interface Rule {
  readonly resource: string;
  times: number;
  readonly answer: () => ClusterApiResponse | Promise<ClusterApiResponse>;
}

/** A sink that tells in words what comes, and keeps a view of it. */
class TellingSink extends RecordingSink {
  readonly #tell: (line: string) => void;

  constructor(tell: (line: string) => void) {
    super();
    this.#tell = tell;
  }

  override open(key: FeedKey): FeedOutput {
    const inner = super.open(key);
    const name = nameOf(key);
    return {
      write: (delta, bytes) => {
        this.#tell(`${name}: ${tellDelta(delta)}`);
        return inner.write(delta, bytes);
      },
      status: (status) => {
        const { state, reason } = status;
        this.#tell(`${name} = ${state}${reason === '' ? '' : ` (${reason})`}`);
        inner.status(status);
      },
    };
  }

  override retire(feed: Parameters<DeltaSink['retire']>[0]): void {
    this.#tell(`${nameOf(feed)} retired`);
    super.retire(feed);
  }
}

/** Runs the text of a story file. */
export async function runStory(text: string): Promise<readonly ScenarioStep[]> {
  const lines = text.split('\n').map((line) => line.replace(/\s+#.*$/, '').trimEnd());
  const told = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const head = told.find((line) => line.startsWith('world')) ?? '';
  const world = new World(fieldsOf(head));
  const steps: { line: string; expected: string[]; actual: readonly string[] }[] = [];
  for (const line of told) {
    if (line.startsWith('>')) {
      steps.push({ line, expected: [], actual: await world.happens(line.slice(1).trim()) });
    } else if (line !== head) steps.at(-1)?.expected.push(line.trim());
  }
  await world.end();
  return steps;
}

class World {
  readonly #clock = new FakeClock();
  readonly #random = seededRandom(11);
  readonly #cluster: MemoryCluster;
  readonly #sink = new TellingSink((line) => void this.#told.push(line));
  readonly #fields: Fields;
  #told: string[] = [];
  #rules: Rule[] = [];
  #backup: ClusterBackup | undefined;
  #running: { readonly controller: AbortController; readonly done: Promise<void> } | undefined;

  constructor(fields: Fields) {
    this.#fields = fields;
    const types = (fields.get('serves') ?? 'pods').split(',').map(typeOf);
    this.#cluster = new MemoryCluster(types);
    this.#cluster.streamsLists = fields.get('streaming') === 'offered';
    this.#cluster.sendsBookmarks = fields.get('bookmarks') !== 'none';
    this.#cluster.intercept = (request) => this.#intercept(request);
    const reload = this.#cluster.reloadCredentials.bind(this.#cluster);
    this.#cluster.reloadCredentials = () => {
      this.#told.push('credentials read');
      this.#rules = this.#rules.filter(({ times }) => times !== UNTIL_CREDENTIALS);
      return reload();
    };
  }

  /** Lets it happen, and says what came of it. */
  async happens(line: string): Promise<readonly string[]> {
    this.#told = [];
    const [, seconds, rest = ''] = /^(?:\+(\d+)s)?\s*(.*)$/.exec(line) ?? [];
    if (seconds !== undefined) await this.#clock.advance(Number(seconds) * 1000);
    await this.#act(rest);
    await settle();
    return this.#told;
  }

  async end(): Promise<void> {
    this.#running?.controller.abort();
    await this.#running?.done;
  }

  async #act(line: string): Promise<void> {
    const cluster = this.#cluster;
    const [verb = '', ...words] = line.split(' ');
    switch (verb) {
      case '':
        return;
      case 'start':
        this.#running = this.#start();
        return;
      case 'stop':
        return this.end();
      case 'apply':
      case 'delete': {
        const type = typeOf(words[0] ?? '');
        for (const name of words.slice(1)) {
          if (verb === 'apply') cluster.apply(type, { name });
          else cluster.delete(type, `default/${name}`);
        }
        return;
      }
      case 'define':
        cluster.serve(typeOf(words[0] ?? ''));
        cluster.apply(CRDS, { name: words[0] ?? '' });
        return;
      case 'undefine':
        cluster.withdraw(typeOf(words[0] ?? ''));
        cluster.delete(CRDS, words[0] ?? '');
        return;
      case 'serve':
        cluster.serve(typeOf(words[0] ?? ''));
        return;
      case 'withdraw':
        cluster.withdraw(typeOf(words[0] ?? ''));
        return;
      case 'down':
        cluster.staleGroups = words;
        return;
      case 'compact':
        cluster.compact();
        return;
      case 'restart':
        cluster.restart();
        return;
      case 'backup':
        this.#backup = cluster.backup();
        return;
      case 'restore':
        cluster.restore(this.#backup ?? cluster.backup());
        return;
      case 'bookmark':
        cluster.bookmark();
        return;
      case 'replaced':
        cluster.uid = words[0] ?? '';
        return;
      case 'answer':
        this.#rules.push(ruleOf(words));
        return;
      case 'well':
        this.#rules = [];
        return;
      default:
        this.#onWatches(verb, words);
    }
  }

  #onWatches(verb: string, words: readonly string[]): void {
    const [, text = ''] = /['"](.*)['"]$/.exec(words.join(' ')) ?? [];
    this.#cluster.eachWatch((body) => {
      if (verb === 'close') body.close();
      else if (verb === 'break') body.break();
      else if (verb === 'write') body.write(text);
      else if (verb === 'line') body.write(`${text}\n`);
      else if (verb === 'error') body.write(errorEvent(Number(words[0]), words[1] ?? ''));
      else throw new Error(`nothing like that happens: ${verb}`);
    });
  }

  #start(): { readonly controller: AbortController; readonly done: Promise<void> } {
    const controller = new AbortController();
    const limit = this.#fields.get('pages');
    const watcher = new AccountWatcher({
      api: this.#cluster,
      sink: this.#sink,
      clock: this.#clock,
      random: this.#random,
      permits: new ListPermits().forAccount('story'),
      observer: {
        ...noObserver,
        relisted: (key, reason) => void this.#told.push(`${nameOf(key)} lists anew: ${reason}`),
        unscannable: (key, { reason, name = '?' }) =>
          void this.#told.push(`${nameOf(key)} left out ${name}: ${reason}`),
      },
      options: {
        kinds: (this.#fields.get('kinds') ?? '*').split(','),
        omitKinds: ['customResourceDefinition'],
        tuning: {
          streamingLists: this.#fields.has('streaming') ? 'auto' : 'off',
          ...(limit === undefined ? {} : { pageLimit: Number(limit) }),
        },
      },
      checkpoints: this.#sink.checkpoints(),
    });
    const done = watcher
      .run(controller.signal)
      .catch((error: unknown) => void this.#told.push(`ended: ${String(error)}`));
    return { controller, done };
  }

  #intercept(
    request: ClusterApiRequest,
  ): ClusterApiResponse | Promise<ClusterApiResponse> | undefined {
    const asked = tellRequest(request);
    this.#told.push(asked);
    const name = asked.split(' ')[1] ?? '';
    const rule = this.#rules.find(
      ({ resource, times }) => times > 0 && (resource === 'all' || resource === name),
    );
    if (rule === undefined) return undefined;
    rule.times -= 1;
    return rule.answer();
  }
}

/** More than any story asks for. */
const FOR_EVER = 1e9;
const UNTIL_CREDENTIALS = Number.POSITIVE_INFINITY;

/** `pods 3x 503 html` or `all 429 retryAfter=7s` or `all 401 untilCredentials`. */
function ruleOf(words: readonly string[]): Rule {
  const [resource = '', ...rest] = words;
  const fields = fieldsOf(rest.join(' '));
  const status = Number(rest.find((word) => /^\d+$/.test(word)) ?? 200);
  const times = /(\d+)x/.exec(rest.join(' '))?.[1];
  const retryAfter = fields.get('retryAfter')?.replace('s', '');
  const headers = retryAfter === undefined ? undefined : { 'retry-after': retryAfter };
  const content = (): unknown => {
    if (rest.includes('html')) return '<html><body><h1>Bad Gateway</h1></body></html>';
    if (rest.includes('empty')) return '';
    return statusObject(status, fields.get('reason') ?? '', fields.get('message') ?? '');
  };
  return {
    resource,
    times: rest.includes('untilCredentials') ? UNTIL_CREDENTIALS : Number(times ?? FOR_EVER),
    answer: () =>
      rest.includes('refused')
        ? Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
        : wholeResponse(status, content(), headers),
  };
}

function fieldsOf(text: string): Fields {
  return new Map(
    [...text.matchAll(/([a-zA-Z]+)=("[^"]*"|\S+)/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll('"', ''),
    ]),
  );
}

function tellRequest(request: ClusterApiRequest): string {
  const { path, query = {} } = request;
  if (path === '/api' || path === '/apis') return `ask ${path}`;
  if (isPositionRequest(request)) return 'ask where it is';
  const [, group = '', resource = ''] = /^\/(?:api|apis\/([^/]+))\/.*?([^/]+)$/.exec(path) ?? [];
  const asked = `ask ${nameOf({ group, resource })}`;
  const bound = query.resourceVersionMatch === undefined ? '' : ` ${query.resourceVersionMatch}`;
  const since = query.resourceVersion === undefined ? '' : ` @${query.resourceVersion}`;
  if (query.sendInitialEvents === 'true') return `${asked} stream${bound}${since}`;
  if (query.watch === 'true') return `${asked} watch${since}`;
  const limit = query.limit === undefined ? ' whole' : ` limit=${query.limit}`;
  return `${asked} list${limit}${bound}${since}${query.continue === undefined ? '' : ' continue'}`;
}

function tellDelta(delta: Delta): string {
  switch (delta.kind) {
    case 'init':
      return 'init';
    case 'initKept':
      return `initKept ${delta.namespace}/${delta.name}`;
    case 'initDone':
    case 'checkpoint':
      return `${delta.kind} @${delta.resourceVersion}`;
    case 'initApplied':
    case 'applied':
    case 'deleted': {
      const { namespace, name, resourceVersion, uid } = delta.object;
      return `${delta.kind} ${namespace}/${name}@${resourceVersion} ${uid}`;
    }
  }
}
