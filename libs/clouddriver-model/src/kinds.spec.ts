import {
  accountOfAgent,
  cachingAgentName,
  spinnakerKind,
  spinnakerRole,
  unregisteredAgentName,
} from './kinds.ts';

describe(spinnakerKind, () => {
  it.each([
    ['apps/v1', 'ReplicaSet', 'replicaSet'],
    ['extensions/v1beta1', 'ReplicaSet', 'replicaSet'],
    ['v1', 'Pod', 'pod'],
    ['v1', 'PersistentVolumeClaim', 'persistentVolumeClaim'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscaler'],
    ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customResourceDefinition'],
    ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterRole'],
    ['v1', 'Node', 'Node'],
    ['coordination.k8s.io/v1', 'Lease', 'Lease.coordination.k8s.io'],
    ['events.k8s.io/v1', 'Event', 'Event.events.k8s.io'],
    ['networking.istio.io/v1', 'Gateway', 'Gateway.networking.istio.io'],
    ['Stable.Example.com/v1', 'CronTab', 'CronTab.stable.example.com'],
    ['crd.projectcalico.org/v1', 'NetworkPolicy', 'NetworkPolicy.crd.projectcalico.org'],
    ['', 'Pod', 'pod'],
    ['apps.kruise.io/v1beta1', 'StatefulSet', 'StatefulSet.apps.kruise.io'],
    ['apps/v1', 'deploy', 'deployment'],
    ['example.com/v1', 'deploy', 'deploy.example.com'],
  ])('names %s %s as Clouddriver does', (apiVersion, kind, name) => {
    expect(spinnakerKind(apiVersion, kind)).toBe(name);
  });
});

describe(spinnakerRole, () => {
  it('knows no role for a custom kind of the same name', () => {
    expect(spinnakerRole('ingress')).toBe('loadBalancers');
    expect(spinnakerRole('Ingress.example.com')).toBe('unclassified');
  });
});

describe(cachingAgentName, () => {
  it.each([
    ['pod', 'a/b/KubernetesCoreCachingAgent[1/1]'],
    ['CronTab.stable.example.com', 'a/b/CustomKubernetes(CronTab.stable.example.com)[1/1]'],
  ])('is found back from the agent of %s', (kind, agent) => {
    expect(cachingAgentName('a/b', kind)).toBe(agent);
    expect(accountOfAgent(agent)).toBe('a/b');
  });

  it('is not taken for the agent of an account that its own begins with', () => {
    expect(accountOfAgent(cachingAgentName('team/x', 'pod'))).not.toBe('team');
    expect(accountOfAgent('team/AmazonCachingAgent')).toBeUndefined();
    expect(accountOfAgent(unregisteredAgentName('team/x'))).toBe('team/x');
  });
});
