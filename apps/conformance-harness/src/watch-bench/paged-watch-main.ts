/** Contestant: `@kubernetes/client-node` without a cache: a list in pages of 500, then its `Watch`. */
import { CoreV1Api, Watch, type V1Pod } from '@kubernetes/client-node';
import { runContestant } from './contestant-main.ts';
import { kubeConfigOf } from './kube-config.ts';

const pageLimit = 500;

runContestant((request, tally) => {
  const config = kubeConfigOf(request.kubeconfigFile);
  const bytesOf = (pod: V1Pod): number =>
    request.output !== 'objects' ? Buffer.from(JSON.stringify(pod)).byteLength : 0;
  let watching: AbortController | undefined;
  const run = async (): Promise<void> => {
    const api = config.makeApiClient(CoreV1Api);
    let next = '';
    let resourceVersion = '';
    do {
      const list = await api.listPodForAllNamespaces({ limit: pageLimit, _continue: next });
      for (const pod of list.items) tally.object(bytesOf(pod));
      next = list.metadata?._continue ?? '';
      resourceVersion = list.metadata?.resourceVersion ?? '';
    } while (next !== '');
    watching = await new Watch(config).watch(
      '/api/v1/pods',
      { resourceVersion },
      (phase, pod: V1Pod) => {
        if (phase === 'MODIFIED') tally.event(bytesOf(pod), pod.metadata?.resourceVersion ?? '');
        else tally.fault(`an event ${phase}`);
      },
      (error: unknown) => {
        if (watching?.signal.aborted !== true) tally.fault(`the watch ended: ${String(error)}`);
      },
    );
  };
  void run().catch((error: unknown) => tally.fault(`the list failed: ${String(error)}`));
  return Promise.resolve(() => Promise.resolve(watching?.abort()));
});
