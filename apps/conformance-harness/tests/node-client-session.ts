/** An ordinary program on `@kubernetes/client-node`: an informer, a command, a log, a port. */
import { PassThrough, Writable } from 'node:stream';
import {
  CoreV1Api,
  Exec,
  type Informer,
  KubeConfig,
  Log,
  makeInformer,
  PortForward,
  V1ConfigMap,
  V1ObjectMeta,
} from '@kubernetes/client-node';
import { eventually } from './eventually.ts';

/** Where it works. The namespace must have a running pod `echo` that declares port 80. */
export interface NodeClientOptions {
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
  readonly namespace: string;
}

const sent = 'grüße\n'.repeat(200_000);

/** What it has seen, which must not depend on the way to the API server. */
export async function runNodeClient({
  kubeconfig,
  namespace,
}: NodeClientOptions): Promise<Readonly<Record<string, unknown>>> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return {
    informer: await seeThroughInformer(config, namespace),
    exec: await execute(config, namespace),
    log: await readLog(config, namespace),
    portForward: await askThroughPort(config, namespace),
  };
}

async function seeThroughInformer(config: KubeConfig, namespace: string) {
  const api = config.makeApiClient(CoreV1Api);
  const labelSelector = 'program=node';
  const make = (index: number) =>
    api.createNamespacedConfigMap({
      namespace,
      body: aConfigMap(index),
    });
  for (let index = 0; index < 3; index++) await make(index);
  const informer = makeInformer(
    config,
    `/api/v1/namespaces/${namespace}/configmaps`,
    () => api.listNamespacedConfigMap({ namespace, labelSelector }),
    labelSelector,
  );
  const seen = { add: [] as string[], update: [] as string[], delete: [] as string[] };
  const errors = listen(informer, seen);
  await informer.start();
  for (let index = 3; index < 6; index++) await make(index);
  await eventually(() => Promise.resolve(seen.add.length === 6), { what: 'six were added' });
  await api.replaceNamespacedConfigMap({
    ...{ namespace, name: 'node-1' },
    body: Object.assign(aConfigMap(1), { data: { a: 'b' } }),
  });
  await api.deleteNamespacedConfigMap({ namespace, name: 'node-2' });
  await eventually(() => Promise.resolve(seen.update.length + seen.delete.length === 2), {
    what: 'one was changed, and one deleted',
  });
  const known = informer.list().map(({ metadata }) => metadata?.name);
  const untilStopped = [...errors];
  await informer.stop();
  return { ...seen, errors: untilStopped, known: known.sort() };
}

function aConfigMap(index: number): V1ConfigMap {
  const metadata = Object.assign(new V1ObjectMeta(), {
    name: `node-${String(index)}`,
    labels: { program: 'node' },
  });
  return Object.assign(new V1ConfigMap(), { metadata });
}

function listen(
  informer: Informer<V1ConfigMap>,
  seen: Readonly<Record<'add' | 'update' | 'delete', string[]>>,
): readonly string[] {
  const errors: string[] = [];
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => seen[verb].push(metadata?.name ?? ''));
  }
  informer.on('error', (error: unknown) => errors.push(String(error)));
  return errors;
}

async function execute(config: KubeConfig, namespace: string) {
  const [out, errors] = [collector(), collector()];
  const input = new PassThrough();
  const status = new Promise<unknown>((resolve) => {
    void new Exec(config).exec(
      ...([namespace, 'echo', 'app'] as const),
      ['sh', '-c', 'cat; echo err >&2; exit 9'],
      ...([out.stream, errors.stream, input, false, resolve] as const),
    );
  });
  input.end(sent);
  const { details, message } = (await status) as Record<string, unknown>;
  return { isSame: out.text() === sent, errors: errors.text(), details, message };
}

async function readLog(config: KubeConfig, namespace: string) {
  const out = collector();
  // Not followed: this client has no way to stop that without an error that nobody can catch.
  await new Log(config).log(namespace, 'echo', 'app', out.stream, {});
  await eventually(() => Promise.resolve(out.text().includes('line 3')), { what: 'the log came' });
  return out.text();
}

async function askThroughPort(config: KubeConfig, namespace: string) {
  const [out, errors] = [collector(), collector()];
  const input = new PassThrough();
  await new PortForward(config).portForward(
    namespace,
    'echo',
    [80],
    out.stream,
    errors.stream,
    input,
  );
  input.write('GET /by-node HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n');
  await eventually(() => Promise.resolve(out.text().includes('/by-node')), { what: 'an answer' });
  // Its end closes the connection at once, whatever is still to come.
  input.end();
  return { status: out.text().split('\r\n')[0], errors: errors.text() };
}

function collector() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
