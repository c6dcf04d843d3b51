/** Contestant: the informer of `@kubernetes/client-node`, which lists in one piece and keeps a cache. */
import { CoreV1Api, makeInformer, type V1Pod } from '@kubernetes/client-node';
import { runContestant } from './contestant-main.ts';
import { kubeConfigOf } from './kube-config.ts';

runContestant((request, tally) => {
  const config = kubeConfigOf(request.kubeconfigFile);
  const api = config.makeApiClient(CoreV1Api);
  const informer = makeInformer<V1Pod>(config, '/api/v1/pods', () => api.listPodForAllNamespaces());
  const bytesOf = (pod: V1Pod): number =>
    request.output !== 'objects' ? Buffer.from(JSON.stringify(pod)).byteLength : 0;
  informer.on('add', (pod) => tally.object(bytesOf(pod)));
  informer.on('update', (pod) => tally.event(bytesOf(pod), pod.metadata?.resourceVersion ?? ''));
  informer.on('delete', () => tally.fault('a Pod was deleted'));
  informer.on('error', (error: unknown) => tally.fault(`the informer failed: ${String(error)}`));
  void informer.start();
  return Promise.resolve(() => informer.stop());
});
