import { digestOfContext, parseKubeconfig } from './kubeconfig-digest.ts';

const kubeconfig = (token: string, more = '') => `
current-context: a
contexts:
  - { name: a, context: { cluster: ca, user: ua, namespace: x } }
  - { name: b, context: { cluster: cb, user: ub } }
clusters:
  - { name: ca, cluster: { server: https://a } }
  - { name: cb, cluster: { server: https://b } }
users:
  - { name: ua, user: { token: ${token} } }
  - { name: ub, user: { token: other } }
${more}
`;

const digest = (text: string, context?: string) => digestOfContext(parseKubeconfig(text), context);

describe(digestOfContext, () => {
  it('changes with the entries of the context alone', () => {
    expect(digest(kubeconfig('new'), 'a')).not.toBe(digest(kubeconfig('old'), 'a'));
    expect(digest(kubeconfig('new'), 'b')).toBe(digest(kubeconfig('old'), 'b'));
    expect(digest(kubeconfig('old', 'extensions: []'), 'a')).toBe(digest(kubeconfig('old'), 'a'));
  });

  it('follows the current context where none is named', () => {
    const moved = kubeconfig('old').replace('current-context: a', 'current-context: b');

    expect(digest(moved)).not.toBe(digest(kubeconfig('old')));
    expect(digest(moved, 'a')).toBe(digest(kubeconfig('old'), 'a'));
  });

  it.each(['', '- no map', '{ broken', 'contexts: 5'])('stays the same for %p', (text) => {
    expect(digest(text, 'a')).toBe(digest('', 'a'));
  });
});
