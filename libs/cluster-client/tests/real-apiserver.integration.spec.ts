import { acquireKube, isUnavailable, type KubeServer } from '@fairlead/testbed';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterClientFromKubeconfig, clusterClientFromServiceAccount } from '../src/index.ts';
import { temporaryFolder } from './api-server.ts';

(isUnavailable('kube') ? describe.skip : describe)('with a real API server', () => {
  let kube: KubeServer;

  beforeAll(async () => {
    kube = await acquireKube();
  }, 600_000);

  afterAll(() => kube[Symbol.asyncDispose]());

  it('identifies the cluster, whoever asks', async () => {
    await using folder = await temporaryFolder();
    const name = `cluster-client-${process.pid}`;
    await writeFile(join(folder.path, 'token'), await kube.serviceAccountToken({ name }));
    await writeFile(join(folder.path, 'ca.crt'), kube.caPem);
    const admin = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
    const nobody = await clusterClientFromServiceAccount({ server: kube.url, folder: folder.path });

    const seen = await admin.identify();
    const seenByNobody = await nobody.identify();

    expect(seen.certificateFingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(seen.version).toMatch(/^v1\.\d+/);
    expect(seen.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(seenByNobody).toEqual({ ...seen, server: kube.url, uid: '' });
    admin.close();
    nobody.close();
  });

  it('is told 401 with a token that was never given', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'token'), 'made-up');
    await writeFile(join(folder.path, 'ca.crt'), kube.caPem);
    const client = await clusterClientFromServiceAccount({ server: kube.url, folder: folder.path });

    const response = await client.request({ path: '/api/v1/pods' });

    expect(response.status).toBe(401);
    expect(await response.text()).toContain('Unauthorized');
    client.close();
  });
});
