import { allPolledKinds, defaultPolledKinds, pollingCommands } from './polling-commands.ts';

describe(pollingCommands, () => {
  const where = {
    kubeconfigFile: '/kubeconfig',
    context: 'sim-1',
    namespaces: ['team-00', 'team-01'],
  };

  it('asks once in each namespace, for all kinds together', () => {
    const commands = pollingCommands({ ...where, kinds: defaultPolledKinds });

    expect(commands.filter(({ namespace }) => namespace !== '')).toEqual(
      where.namespaces.map((namespace) => ({
        namespace,
        args: [
          '--kubeconfig=/kubeconfig',
          '--context=sim-1',
          `--namespace=${namespace}`,
          '-o',
          'json',
          'get',
          'cronJob,daemonSet,deployment,ingress,job,networkPolicy,pod,replicaSet,service,statefulSet',
        ],
      })),
    );
  });

  it.each([
    ['default kinds', defaultPolledKinds, 2],
    ['all kinds', allPolledKinds, 3],
  ] as const)('asks the whole cluster besides: %s', (_name, kinds, asked) => {
    const commands = pollingCommands({ ...where, kinds });
    const clusterWide = commands.filter(({ namespace }) => namespace === '');

    expect(clusterWide).toHaveLength(asked);
    expect(clusterWide.flatMap(({ args }) => args).join(' ')).not.toContain('--namespace');
  });

  it('asks for no kind twice in a namespace, and there for none without one', () => {
    const { namespaced, clusterWide } = allPolledKinds;

    expect(new Set(namespaced).size).toBe(namespaced.length);
    expect(namespaced.filter((kind) => clusterWide.flat().includes(kind))).toEqual([]);
  });
});
