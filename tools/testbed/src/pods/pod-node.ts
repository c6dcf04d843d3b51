/**
 * A node that runs pods with everything the API server has for them: every fifth of a second it
 * looks at all pods, takes those that have no node, starts and stops processes, brings volumes in
 * line with ConfigMaps, Secrets and tokens, and reports how the pods are. Start at `startPodNode`.
 */
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendKubeRequest, type KubeConnection } from '../kube-client.ts';
import type { KubeServer } from '../kube-server.ts';
import { decodeKubeconfig } from '../kubeconfig.ts';
import { startReaper, type Reaper } from '../reaper-client.ts';
import { TestbedError } from '../testbed-error.ts';
import { requirePods } from './node-container-process.ts';
import type { Pod } from './pod-spec.ts';
import { podSources, type PodSources, type Service, type StoredObject } from './pod-sources.ts';
import { podStatus } from './pod-status.ts';
import { RunningPod, type PodRunnerDeps, type RunningContainer } from './running-pod.ts';

/** A node that runs. */
export interface PodNode extends AsyncDisposable {
  /** The pods that it runs, oldest first. */
  pods(selector?: PodSelector): readonly PodView[];
  /** Why it could not look after its pods when it tried last, else ''. */
  readonly trouble: string;
  /** Resolves when everything that was true when it was called has been acted upon. */
  sync(): Promise<void>;
  /** Ends all pods and removes their data. May be called again. */
  stop(): Promise<void>;
}

/** Which pods are meant. */
export interface PodSelector {
  readonly namespace?: string;
  /** What a pod's labels must have. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A pod as tests look at it. */
export interface PodView {
  readonly pod: Pod;
  readonly containers: readonly RunningContainer[];
  /** Why it does not run (yet), else ''. */
  readonly trouble: string;
  /** Has new tokens put into its volumes, as kubelets do long before the old ones expire. */
  expireTokens(): void;
}

/** How to run pods. */
export interface PodNodeOptions {
  readonly kube: Pick<KubeServer, 'kubeconfigPath' | 'port'>;
  /** What stands for the images of containers. */
  readonly findImage: PodRunnerDeps['findImage'];
  /** @defaultValue 'pod-node' */
  readonly name?: string;
}

interface KeptPod extends PodView {
  readonly running: RunningPod;
  trouble: string;
  reported: string;
  isStopping: boolean;
}

const passIntervalMs = 200;
const loopback = '127.0.0.1';

/**
 * Starts a node.
 *
 * @throws TestbedError `unavailable` where mount namespaces cannot be had
 */
export async function startPodNode(options: PodNodeOptions): Promise<PodNode> {
  requirePods(process.env);
  const connection = decodeKubeconfig(await readFile(options.kube.kubeconfigPath, 'utf8'));
  const node = new NodeLoop(options, { connection, reaper: await startReaper() });
  await node.register();
  return node;
}

class NodeLoop implements PodNode {
  readonly #kube: Pick<KubeServer, 'request'>;
  /** It asks all the time: a handshake each would keep a core busy. */
  readonly #connections = new Agent({ keepAlive: true });
  readonly #reaper: Reaper;
  readonly #deps: PodRunnerDeps;
  readonly #kept = new Map<string, KeptPod>();
  readonly #ending = new AbortController();
  trouble = '';
  #loop: Promise<void> = Promise.resolve();
  #pass: Promise<void> = Promise.resolve();

  constructor(
    { kube: { port }, findImage, name = 'pod-node' }: PodNodeOptions,
    { connection, reaper }: { readonly connection: KubeConnection; readonly reaper: Reaper },
  ) {
    const kube: Pick<KubeServer, 'request'> = {
      request: (request) => sendKubeRequest(connection, request, this.#connections),
    };
    this.#kube = kube;
    this.#reaper = reaper;
    this.#deps = {
      ...{ kube, findImage, reaper, folder: reaper.directory },
      apiServer: { host: loopback, port },
      place: { nodeName: name, hostIP: loopback, podIP: loopback },
    };
  }

  async register(): Promise<void> {
    const { nodeName } = this.#deps.place;
    const body = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName } };
    await this.#ask({ method: 'POST', path: '/api/v1/nodes', body });
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
    await this.#patchStatus(`/api/v1/nodes/${nodeName}/status`, { conditions });
    this.#loop = this.#run();
  }

  pods({ namespace, labels = {} }: PodSelector = {}): readonly PodView[] {
    return [...this.#kept.values()].filter(({ pod: { metadata } }) => {
      if (namespace !== undefined && metadata.namespace !== namespace) return false;
      return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value);
    });
  }

  async sync(): Promise<void> {
    // The one under way may have looked already; the one after it has not.
    await this.#pass;
    await this.#nextPass();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#loop;
    await this.#pass;
    await this.#reaper.end();
    this.#connections.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await this.#nextPass();
      await sleep(passIntervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #nextPass(): Promise<void> {
    this.#pass = this.#pass.then(() => this.#lookAtAll());
    return this.#pass;
  }

  async #lookAtAll(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    try {
      const pods = await this.#list<Pod>('pods');
      // After the pods: what a pod needs was there before it.
      const sources = await this.#sources();
      this.#forgetAllBut(new Set(pods.map(({ metadata }) => metadata.uid)));
      await Promise.all(pods.map((pod) => this.#lookAt(pod, sources)));
      this.trouble = '';
    } catch (error: unknown) {
      // The API server is away, which tests do to it; the next pass asks again.
      this.trouble = TestbedError.from(error, 'requestFailed').message;
    }
  }

  async #sources(): Promise<PodSources> {
    const [configMaps, secrets, services] = await Promise.all([
      this.#list<StoredObject>('configmaps'),
      this.#list<StoredObject>('secrets'),
      this.#list<Service>('services'),
    ]);
    return podSources({ configMaps, secrets, services });
  }

  async #lookAt(pod: Pod, sources: PodSources): Promise<void> {
    const { nodeName } = this.#deps.place;
    if (!pod.spec.nodeName && !pod.metadata.deletionTimestamp) await this.#bind(pod);
    if (pod.spec.nodeName !== nodeName) return;
    const kept = this.#kept.get(pod.metadata.uid);
    if (pod.metadata.deletionTimestamp) {
      this.#end(pod, kept);
      return;
    }
    await this.#keep(kept ?? this.#adopt(pod), sources);
  }

  #adopt(pod: Pod): KeptPod {
    const running = new RunningPod(pod, this.#deps);
    const kept: KeptPod = {
      ...{ pod, running, trouble: '', reported: '', isStopping: false },
      get containers() {
        return running.containers;
      },
      expireTokens: () => {
        running.expireTokens();
      },
    };
    this.#kept.set(pod.metadata.uid, kept);
    return kept;
  }

  async #keep(kept: KeptPod, sources: PodSources): Promise<void> {
    try {
      await kept.running.sync(sources);
      kept.trouble = '';
    } catch (error: unknown) {
      kept.trouble = TestbedError.from(error, 'startFailed').message;
    }
    await this.#report(kept);
  }

  async #report(kept: KeptPod): Promise<void> {
    const { pod, running, trouble } = kept;
    const states = new Map(await running.states());
    for (const { name } of pod.spec.containers) {
      const waiting = { kind: 'waiting', reason: 'CreateContainerConfigError', message: trouble };
      if (!states.has(name)) states.set(name, waiting as { kind: 'waiting' } & typeof waiting);
    }
    const status = podStatus(pod, this.#deps.place, states);
    const text = JSON.stringify(status);
    if (text === kept.reported) return;
    await this.#patchStatus(`${pathOf(pod)}/status`, status);
    kept.reported = text;
  }

  /** Ends its processes, and then the pod itself, which until then is only marked. */
  #end(pod: Pod, kept: KeptPod | undefined): void {
    if (kept?.isStopping) return;
    if (kept) kept.isStopping = true;
    const graceSeconds = pod.metadata.deletionGracePeriodSeconds ?? 0;
    const ended = kept?.running.stop(graceSeconds) ?? Promise.resolve();
    void ended.then(() => {
      const preconditions = { uid: pod.metadata.uid };
      const body = { ...deleteNow, preconditions };
      return this.#ask({ method: 'DELETE', path: pathOf(pod), body }).catch((error: unknown) => {
        // Asked again by the next pass.
        if (!kept) return;
        kept.trouble = TestbedError.from(error, 'requestFailed').message;
        kept.isStopping = false;
      });
    });
  }

  /** Pods that are gone at once: deleted by force, or with their namespace. */
  #forgetAllBut(uids: ReadonlySet<string>): void {
    for (const [uid, kept] of this.#kept) {
      if (uids.has(uid)) continue;
      this.#kept.delete(uid);
      if (!kept.isStopping) void kept.running.stop(0);
    }
  }

  /** What a scheduler does, and there is only one node. */
  async #bind(pod: Pod): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: this.#deps.place.nodeName };
    await this.#ask({
      method: 'POST',
      path: `${pathOf(pod)}/binding`,
      body: { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target },
    });
  }

  async #list<T>(resource: string): Promise<readonly T[]> {
    const { status, body } = await this.#kube.request({ path: `/api/v1/${resource}` });
    if (status !== 200) throw new TestbedError('requestFailed', `${resource}: ${String(status)}`);
    return (body as { readonly items: readonly T[] }).items;
  }

  async #patchStatus(path: string, status: object): Promise<void> {
    const contentType = 'application/merge-patch+json';
    await this.#ask({ method: 'PATCH', path, body: { status }, contentType });
  }

  /** What another has done or undone meanwhile is no failure: the next pass sees how things are. */
  async #ask(request: Parameters<KubeServer['request']>[0]): Promise<void> {
    const { status } = await this.#kube.request(request);
    if (status < 300 || status === notFound || status === conflict) return;
    const { method = 'GET', path } = request;
    throw new TestbedError('requestFailed', `${method} ${path} answered ${String(status)}`);
  }
}

const deleteNow = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };
const notFound = 404;
const conflict = 409;

function pathOf({ metadata }: Pod): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}
