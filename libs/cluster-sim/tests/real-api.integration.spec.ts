/** The contract of an API server, held against the real kube-apiserver: does it say what is so? */
import { isUnavailable, type KubeHandle, startKube } from '@fairlead/testbed';
import { describeApiServer } from './api-server-contract.ts';
import { ApiUnderTest } from './api-under-test.ts';

let kube: KubeHandle | undefined;

afterAll(() => kube?.stop());

if (isUnavailable('kube')) {
  describe.skip('the real API server', () => {
    it('cannot be had on this machine', () => undefined);
  });
} else {
  describeApiServer('the real API server', async () => {
    const started = await startKube({
      apiServerFlags: [
        '--etcd-compaction-interval=0',
        '--feature-gates=ListFromCacheSnapshot=false',
      ],
    });
    kube = started;
    return ApiUnderTest.connect(started.kubeconfigPath, async () => {
      await started.compactEtcd();
      // Watches are answered from a cache that only a new process starts without.
      await started.restart();
    });
  });
}
