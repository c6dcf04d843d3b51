/** Kubeconfig files with everything embedded: written for our servers, read for shared ones. */
import { parse, stringify } from 'yaml';
import type { KubeConnection } from './kube-client.ts';
import { TestbedError } from './testbed-error.ts';

/** The name of cluster, user and context in the files that we write. */
const name = 'fairlead-testbed';

/** Only what this room looks at. */
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly clusters?: readonly { name: string; cluster: Record<string, string> }[];
  readonly users?: readonly { name: string; user: Record<string, string> }[];
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string } }[];
}

/** A kubeconfig with one context, its certificates and keys embedded. */
export function encodeKubeconfig(connection: KubeConnection): string {
  const { url, caPem, admin } = connection;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server: url, 'certificate-authority-data': encodeBase64(caPem) } },
    ],
    users: [
      {
        name,
        user: {
          'client-certificate-data': encodeBase64(admin.certificatePem),
          'client-key-data': encodeBase64(admin.privateKeyPem),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}

/**
 * The current context of a kubeconfig with embedded client certificate.
 *
 * @throws TestbedError `startFailed` when it has none: files, tokens and plugins are not read
 */
export function decodeKubeconfig(text: string): KubeConnection {
  const config = parse(text) as Kubeconfig;
  const current = config.contexts?.find((each) => each.name === config['current-context']);
  const cluster = config.clusters?.find((each) => each.name === current?.context.cluster);
  const user = config.users?.find((each) => each.name === current?.context.user);
  return {
    url: required(cluster?.cluster, 'server'),
    caPem: decodeBase64(required(cluster?.cluster, 'certificate-authority-data')),
    admin: {
      certificatePem: decodeBase64(required(user?.user, 'client-certificate-data')),
      privateKeyPem: decodeBase64(required(user?.user, 'client-key-data')),
    },
  };
}

function required(fields: Record<string, string> | undefined, field: string): string {
  const value = fields?.[field];
  if (value) return value;
  throw new TestbedError('startFailed', `the kubeconfig's current context has no ${field}`);
}

function encodeBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decodeBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}
