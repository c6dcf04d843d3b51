/** One pod of a pod node: its volumes, its containers as processes, its probes and its end. */
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeServer } from '../kube-server.ts';
import type { Reaper } from '../reaper-client.ts';
import { TestbedError } from '../testbed-error.ts';
import { containerEnvironment } from './container-environment.ts';
import { containerMounts } from './container-mounts.ts';
import type { BindMount } from './container-script.ts';
import { startContainerProcess, type ContainerProcess } from './node-container-process.ts';
import { PodVolumes } from './node-pod-volumes.ts';
import { containerCommand, containerUser, type PodImage } from './pod-image.ts';
import type { Container, Pod, PodPlace } from './pod-spec.ts';
import type { PodSources } from './pod-sources.ts';
import type { ContainerState } from './pod-status.ts';
import { askProbe, type ProbeAnswer } from './probe-container.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';
import type { ApiServerPlace } from './service-environment.ts';
import { unsupportedParts } from './unsupported-parts.ts';

/** What a pod needs of whoever runs it. */
export interface PodRunnerDeps {
  readonly kube: Pick<KubeServer, 'request'>;
  readonly apiServer: ApiServerPlace;
  readonly place: PodPlace;
  readonly reaper: Reaper;
  /** Where pods have their folders. */
  readonly folder: string;
  /** The image of a name; undefined when there is none. */
  readonly findImage: (image: string) => PodImage | undefined;
}

/** A container as tests look at it. */
export interface RunningContainer {
  readonly name: string;
  /** What it was started with, its image's environment included. */
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly pid: number | undefined;
  /** Undefined while it runs. */
  readonly exitCode: number | undefined;
  readLog(): Promise<string>;
  /** Asks one of its probes now. */
  probe(kind: 'startupProbe' | 'readinessProbe' | 'livenessProbe'): Promise<ProbeAnswer>;
}

interface StartedContainer extends RunningContainer {
  readonly spec: Container;
  readonly process: ContainerProcess;
  readonly startedAt: string;
  /** RFC 3339; undefined while it runs. */
  readonly endedAt: string | undefined;
  hasStarted: boolean;
}

/** A pod that is being run; `start` may be called again until it succeeds. */
export class RunningPod {
  readonly pod: Pod;
  readonly #deps: PodRunnerDeps;
  readonly #folder: string;
  readonly #tokens: ServiceAccountTokens;
  readonly #volumes: PodVolumes;
  readonly #containers = new Map<string, StartedContainer>();

  constructor(pod: Pod, deps: PodRunnerDeps) {
    const { folder, place } = deps;
    this.pod = pod;
    this.#deps = deps;
    this.#folder = join(folder, 'pods', pod.metadata.uid);
    this.#tokens = new ServiceAccountTokens(deps.kube, pod);
    this.#volumes = new PodVolumes({
      ...{ pod, place, tokens: this.#tokens, folder: this.#folder },
      claimsFolder: join(folder, 'claims'),
    });
  }

  get containers(): readonly RunningContainer[] {
    return [...this.#containers.values()];
  }

  /**
   * Starts what has not been started, and brings the volumes in line.
   *
   * @throws TestbedError with the reason why it cannot run (yet)
   */
  async sync(sources: PodSources): Promise<void> {
    const unsupported = unsupportedParts(this.pod);
    if (unsupported.length > 0) {
      throw new TestbedError('startFailed', `not done here: ${unsupported.join(', ')}`);
    }
    await this.#volumes.write(sources);
    for (const container of this.pod.spec.containers) {
      if (!this.#containers.has(container.name)) await this.#start(container, sources);
    }
  }

  /** Has the next `sync` put new tokens into the volumes, as long before their time. */
  expireTokens(): void {
    this.#tokens.expire();
  }

  /** How each container is now, by its probes. */
  async states(): Promise<ReadonlyMap<string, ContainerState>> {
    const states = await Promise.all(
      [...this.#containers.values()].map(async (each) => [each.name, await stateOf(each)] as const),
    );
    return new Map(states);
  }

  /** Ends the containers politely, for as long as they may take; resolves when they are gone. */
  async stop(graceSeconds: number): Promise<void> {
    await Promise.all(
      [...this.#containers.values()].map((container) => stopContainer(container, graceSeconds)),
    );
  }

  async #start(container: Container, sources: PodSources): Promise<void> {
    const { apiServer, place, findImage, reaper } = this.#deps;
    const { pod } = this;
    const image = findImage(container.image);
    if (!image) throw new TestbedError('startFailed', `there is no image "${container.image}"`);
    const facts = { pod, place, sources, apiServer };
    const env = { ...image.env, ...containerEnvironment(container, facts) };
    const command = containerCommand(container, image, env);
    const folder = join(this.#folder, container.name);
    await mkdir(folder, { recursive: true });
    const process = await startContainerProcess({
      ...{ reaper, env, logPath: join(folder, 'log') },
      plan: {
        folder: join(folder, 'root'),
        files: image.files,
        mounts: [...this.#basicMounts(), ...(await this.#mounts(container, env))],
        isRootReadOnly: container.securityContext?.readOnlyRootFilesystem === true,
        user: containerUser(pod, container, image),
        command,
      },
    });
    const started = startedContainer({ spec: container, process, env, command, place });
    this.#containers.set(container.name, started);
  }

  #mounts(
    container: Container,
    env: Readonly<Record<string, string>>,
  ): Promise<readonly BindMount[]> {
    return containerMounts(container, {
      pod: this.pod,
      env,
      folderOf: (volume) => this.#volumes.folderOf(volume),
      resolvePath: realpath,
    });
  }

  /** What kubelets give every container: names, and who resolves others. */
  #basicMounts(): readonly BindMount[] {
    const host = (path: string) => ({ source: path, target: path, isReadOnly: true });
    return [
      { source: this.#volumes.hostsPath, target: '/etc/hosts', isReadOnly: true },
      host('/etc/resolv.conf'),
      host('/etc/nsswitch.conf'),
    ];
  }
}

function startedContainer({
  spec,
  process,
  env,
  command,
  place,
}: Pick<StartedContainer, 'spec' | 'process' | 'env' | 'command'> & {
  readonly place: PodPlace;
}): StartedContainer {
  const end: { code?: number; at?: string } = {};
  void process.exited.then((code) => {
    Object.assign(end, { code, at: new Date().toISOString() });
  });
  return {
    ...{ name: spec.name, spec, process, env, command },
    pid: process.pid,
    startedAt: new Date().toISOString(),
    hasStarted: false,
    get exitCode() {
      return end.code;
    },
    get endedAt() {
      return end.at;
    },
    readLog: () => process.readLog(),
    probe: (kind) => askProbe(spec, spec[kind], place.podIP),
  };
}

/** Until the startup probe has said yes once, nobody asks whether it is ready. */
async function stateOf(container: StartedContainer): Promise<ContainerState> {
  const { startedAt, endedAt, exitCode } = container;
  if (exitCode !== undefined && endedAt !== undefined) {
    return { kind: 'ended', startedAt, endedAt, exitCode };
  }
  container.hasStarted ||= (await container.probe('startupProbe')) !== 'no';
  const isReady = container.hasStarted && (await container.probe('readinessProbe')) !== 'no';
  return { kind: 'running', startedAt, isReady };
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination */
async function stopContainer(
  { process, spec, exitCode }: StartedContainer,
  graceSeconds: number,
): Promise<void> {
  if (exitCode !== undefined) return;
  const deadlineMs = Date.now() + graceSeconds * 1_000;
  const pauseSeconds = spec.lifecycle?.preStop?.sleep?.seconds ?? 0;
  await sleep(Math.min(pauseSeconds, graceSeconds) * 1_000);
  await process.signal('SIGTERM');
  const timer = new AbortController();
  const overtime = sleep(Math.max(0, deadlineMs - Date.now()), 'late', { signal: timer.signal });
  const outcome = await Promise.race([process.exited, overtime.catch(() => 'late')]);
  timer.abort();
  if (outcome === 'late') await process.signal('SIGKILL');
  await process.exited;
}
