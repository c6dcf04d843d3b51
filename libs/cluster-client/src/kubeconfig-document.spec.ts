import { ClusterClientError } from './cluster-client-error.ts';
import { KubeconfigDocuments, readKubeconfigEntry } from './kubeconfig-document.ts';

const REQUEST = { context: '', folder: '/etc/kube', file: '/etc/kube/config' };

const DOCUMENT = `
apiVersion: v1
kind: Config
clusters:
  - name: one
    cluster: { server: 'https://one:6443/' }
  - name: broken
    cluster: {}
users:
  - name: admin
    user: { token: canary-token, tokenFile: tokens/admin }
  - name: plugin
    user:
      exec:
        command: ./bin/login
        args: [a, 1]
        env: [{ name: A, value: b }]
        provideClusterInfo: true
contexts:
  - name: first
    context: { cluster: one, user: admin }
  - name: second
    context: { cluster: one, user: plugin }
  - name: no-server
    context: { cluster: broken, user: admin }
  - name: no-cluster
    context: { cluster: absent, user: admin }
  - name: no-user
    context: { cluster: one, user: absent }
current-context: first
`;

function messageFor(text: string, context = ''): string {
  try {
    readKubeconfigEntry(text, { ...REQUEST, context });
  } catch (error: unknown) {
    expect(error).toBeInstanceOf(ClusterClientError);
    expect((error as ClusterClientError).code).toBe('config');
    expect((error as ClusterClientError).file).toBe('/etc/kube/config');
    return (error as ClusterClientError).message;
  }
  throw new Error('expected a failure');
}

describe(KubeconfigDocuments, () => {
  it('parses a file again only when it has changed', () => {
    const documents = new KubeconfigDocuments();

    const first = documents.parse(DOCUMENT, 'a');
    expect(documents.parse(DOCUMENT, 'a')).toBe(first);
    expect(documents.parse(DOCUMENT, 'b')).not.toBe(first);
    const changed = documents.parse(DOCUMENT.replace('https://one', 'https://another'), 'a');

    expect(changed).not.toEqual(first);
  });

  it('keeps no file that is none', () => {
    const documents = new KubeconfigDocuments();
    documents.parse(DOCUMENT, 'a');

    expect(() => documents.parse('- x', 'a')).toThrow('not a mapping');
  });
});

describe(readKubeconfigEntry, () => {
  it('reads the current context, whatever is wrong with the others', () => {
    const entry = readKubeconfigEntry(DOCUMENT, REQUEST);

    expect(entry).toMatchObject({
      server: 'https://one:6443',
      tokenFile: '/etc/kube/tokens/admin',
    });
    expect(entry.user).toEqual({ token: 'canary-token' });
    expect(entry.exec).toBeUndefined();
  });

  it('reads an exec plugin, with a path from the folder of the file', () => {
    const { exec } = readKubeconfigEntry(DOCUMENT, { ...REQUEST, context: 'second' });

    expect(exec).toMatchObject({
      command: '/etc/kube/bin/login',
      args: ['a', '1'],
      env: { A: 'b' },
      cluster: { server: 'https://one:6443' },
    });
  });

  it.each([
    ['an unknown context', DOCUMENT, 'third', "context 'third' is not defined; known: first,"],
    ['a cluster without a server', DOCUMENT, 'no-server', "server of cluster 'broken'"],
    ['an undefined cluster', DOCUMENT, 'no-cluster', "cluster 'absent' is not defined"],
    ['an undefined user', DOCUMENT, 'no-user', "user 'absent' is not defined"],
    ['no current context', 'kind: Config', '', "no 'current-context'"],
    ['an empty file', '', '', 'empty or not a mapping'],
    ['a list', '- a', '', 'empty or not a mapping'],
    ['what is not YAML', 'a: "x\nb: c', '', 'not YAML (line'],
  ])('says what is wrong with %s', (_, text, context, message) => {
    expect(messageFor(text, context)).toContain(message);
  });

  it('never repeats what stands in the file', () => {
    expect(messageFor('users: [{ token: "canary-token }]\n: : :')).not.toContain('canary');
  });
});
