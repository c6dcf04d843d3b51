import { accountsOfKubeconfig } from './start-config.ts';

const kubeconfig = 'contexts: [{ name: prod }, { name: test }]';

describe(accountsOfKubeconfig, () => {
  it('makes an account of each context', () => {
    expect(accountsOfKubeconfig(kubeconfig, []).map(({ name }) => name)).toEqual(['prod', 'test']);
  });

  it('takes only the contexts that are named', () => {
    expect(accountsOfKubeconfig(kubeconfig, ['test'])).toEqual([{ name: 'test', context: 'test' }]);
  });
});
