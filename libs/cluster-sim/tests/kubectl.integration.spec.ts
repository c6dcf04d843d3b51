/** What people type: the real kubectl against a simulated cluster. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findKubectl, isUnavailable } from '@fairlead/testbed';
import { type Fleet, startFleet } from '../src/index.ts';

const run = promisify(execFile);

const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: a, image: "a:1" }, { name: b, image: "b:1" }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: default }
data: { color: red }
`;
const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  names: { plural: widgets, singular: widget, kind: Widget }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;
const widget = `
apiVersion: example.com/v1
kind: Widget
metadata: { name: one, namespace: default }
spec: { size: 1 }
`;

(isUnavailable('kube') ? describe.skip : describe).each([
  ['ports', false],
  ['paths', true],
] as const)('kubectl, with clusters at %s of their own, TLS: %s', (layout, tls) => {
  let fleet: Fleet;
  let kubectl: string;
  let directory: string;

  beforeAll(async () => {
    kubectl = await findKubectl();
    directory = await mkdtemp(join(tmpdir(), 'cluster-sim-'));
  }, 600_000);
  afterAll(() => rm(directory, { recursive: true }));

  beforeEach(async () => {
    fleet = await startFleet({ clusters: 2, objectsPerCluster: 60, layout, tls });
    await writeFile(join(directory, 'kubeconfig'), fleet.kubeconfig());
  });
  afterEach(() => fleet.stop());

  const file = async (text: string): Promise<string> => {
    const path = join(directory, 'manifest.yaml');
    await writeFile(path, text);
    return path;
  };
  const k = async (...args: string[]): Promise<string> => {
    const env = {
      PATH: process.env.PATH,
      HOME: directory,
      KUBECONFIG: join(directory, 'kubeconfig'),
    };
    const { stdout } = await run(kubectl, args, { env });
    return stdout;
  };

  it('prints tables', async () => {
    const pods = await k('--context', 'sim-2', 'get', 'pods', '-A');
    const all = await k('get', 'deploy,svc,crontabs', '-n', 'team-00');

    expect(pods).toMatch(/^NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE\nteam-00 +app-/);
    expect(all).toContain('deployment.apps/app-0000');
    expect(all).toContain('crontab.stable.example.com/app-0000-tab');
  }, 30_000);

  it('lists pages and selections', async () => {
    const pods = await k('get', 'pods', '-A', '--chunk-size=5', '-o', 'name');
    const apps = await k('get', 'pods', '-A', '-l', 'app=app-0000', '-o', 'name');

    expect(pods.trim().split('\n')).toHaveLength(
      fleet.cluster('sim-1').list({ apiVersion: 'v1', kind: 'Pod' }).length,
    );
    expect(apps.trim().split('\n')).toHaveLength(6);
  }, 30_000);

  it('applies, applies changes, scales, labels and deletes', async () => {
    const cluster = fleet.cluster('sim-1');
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };

    await k('apply', '-f', await file(manifests));
    const changed = manifests.replace('b:1', 'b:2').replace('color: red', 'shape: round');
    await k('apply', '-f', await file(changed));
    await k('scale', 'deployment', 'web', '--replicas', '7');
    await k('label', 'deployment', 'web', 'tier=front');
    const web = cluster.get(ref);
    const settings = cluster.get({
      ...ref,
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'settings',
    });
    await k('delete', '-f', await file(manifests));

    expect(web).toMatchObject({
      metadata: { labels: { tier: 'front' } },
      spec: {
        replicas: 7,
        template: { spec: { containers: [{ image: 'a:1' }, { image: 'b:2' }] } },
      },
    });
    expect(settings?.data).toEqual({ shape: 'round' });
    expect(cluster.get(ref)).toBeUndefined();
  }, 60_000);

  it('creates from files, patches in every form, applies on the server', async () => {
    const cluster = fleet.cluster('sim-1');
    const [, map = ''] = manifests.split('---');
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'settings' };
    const patch = (type: string, text: string): Promise<string> =>
      k('patch', 'configmap', 'settings', '--type', type, '-p', text);

    await k('create', '-f', await file(map));
    await patch('merge', '{"data":{"a":"1"}}');
    await patch('strategic', '{"data":{"b":"2"}}');
    await patch('json', '[{"op":"remove","path":"/data/color"}]');
    const patched = cluster.get(ref)?.data;
    await k('apply', '--server-side', '-f', await file(map));

    expect(patched).toEqual({ a: '1', b: '2' });
    expect(cluster.get(ref)?.data).toEqual({ a: '1', b: '2', color: 'red' });
  }, 60_000);

  it('waits until a deleted pod has ended', async () => {
    const [pod] = fleet.cluster('sim-1').list({ apiVersion: 'v1', kind: 'Pod' });
    const { name, namespace } = pod?.metadata as { name: string; namespace: string };

    const said = await k('delete', 'pod', '-n', namespace, name);

    expect(said).toContain(`pod "${name}" deleted`);
    expect(
      fleet.cluster('sim-1').get({ apiVersion: 'v1', kind: 'Pod', namespace, name }),
    ).toBeUndefined();
  }, 30_000);

  it('deletes a namespace with all that is in it', async () => {
    await k('delete', 'namespace', 'team-00');

    const pods = fleet
      .cluster('sim-1')
      .list({ apiVersion: 'v1', kind: 'Pod', namespace: 'team-00' });
    expect(pods).toEqual([]);
  }, 30_000);

  it('defines a type, uses it, and takes it away', async () => {
    await k('apply', '-f', await file(definition));
    await k('wait', '--for', 'condition=established', 'crd/widgets.example.com', '--timeout=10s');
    await k('apply', '-f', await file(widget));
    await k('apply', '-f', await file(widget.replace('size: 1', 'size: 2')));
    const size = await k('get', 'widget', 'one', '-o', 'jsonpath={.spec.size}');
    await k('delete', 'crd', 'widgets.example.com');

    expect(size).toBe('2');
    await expect(k('get', 'widgets')).rejects.toThrow();
  }, 60_000);
});
