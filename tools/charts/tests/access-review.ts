// May this service account do that? Asked of the API server itself (SubjectAccessReview), a hundred
// times a test: over connections that are kept.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeServer } from '@fairlead/testbed';
import { parse } from 'yaml';

/** Who is asked about: `NAMESPACE/NAME` of a service account. */
export type ServiceAccountName = `${string}/${string}`;

/** Asks; dispose it to close its connections. */
export interface AccessReview extends Disposable {
  /**
   * Of the actions, those that are allowed. An action reads as in kubectl: `list pods`, `create
   * deployments.apps`, `get pods/log`, `get secrets#NAME`, and `in NAMESPACE` behind it, or nothing for
   * the whole cluster.
   */
  allowedOf(account: ServiceAccountName, actions: readonly string[]): Promise<readonly string[]>;
  /**
   * Waits until all of the actions are allowed, or none is: the server's authorizer follows roles by watching
   * them, and is a moment behind. After ten seconds it waits no more; what then holds is for the caller to see.
   */
  settle(
    account: ServiceAccountName,
    actions: readonly string[],
    as: 'allowed' | 'forbidden',
  ): Promise<void>;
}

const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const created = 201;
const settleMs = 10_000;
const pauseMs = 20;

/** As the administrator of an API server. */
export async function accessReview(kube: KubeServer): Promise<AccessReview> {
  const { users } = parse(await readFile(kube.kubeconfigPath, 'utf8')) as Kubeconfig;
  const decode = (field: string) => Buffer.from(users[0]?.user[field] ?? '', 'base64');
  const agent = new Agent({
    ...{ keepAlive: true, maxSockets: 4, ca: kube.caPem },
    ...{ cert: decode('client-certificate-data'), key: decode('client-key-data') },
  });
  const mayDo = async (account: ServiceAccountName, action: string) => {
    const options = { agent, method: 'POST', headers: { 'content-type': 'application/json' } };
    const question = request(new URL(path, kube.url), options);
    question.end(JSON.stringify(reviewOf(account, action)));
    const [answer] = (await once(question, 'response')) as [NodeJS.ReadableStream & Status];
    const body = (await json(answer)) as Review;
    if (answer.statusCode === created) return body.status.allowed;
    throw new Error(`the review of "${action}" answered ${String(answer.statusCode)}`);
  };
  const allowedOf: AccessReview['allowedOf'] = async (account, actions) => {
    const answers = await Promise.all(actions.map((action) => mayDo(account, action)));
    return actions.filter((_, index) => answers[index]);
  };
  return {
    allowedOf,
    async settle(account, actions, as) {
      const wanted = as === 'allowed' ? actions.length : 0;
      const deadline = Date.now() + settleMs;
      while ((await allowedOf(account, actions)).length !== wanted && Date.now() < deadline) {
        await sleep(pauseMs);
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

interface Kubeconfig {
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

interface Status {
  readonly statusCode?: number;
}

interface Review {
  readonly status: { readonly allowed: boolean };
}

function reviewOf(account: ServiceAccountName, action: string) {
  const [namespace = '', name = ''] = account.split('/');
  const groups = ['system:authenticated', 'system:serviceaccounts'];
  return {
    ...{ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview' },
    spec: {
      user: `system:serviceaccount:${namespace}:${name}`,
      groups: [...groups, `system:serviceaccounts:${namespace}`],
      resourceAttributes: attributesOf(action),
    },
  };
}

function attributesOf(action: string) {
  const [what = '', namespace = ''] = action.split(' in ');
  const [verb = '', place = ''] = what.split(' ');
  const [object = '', subresource = ''] = place.split('/');
  const [type = '', name = ''] = object.split('#');
  const [resource = '', ...group] = type.split('.');
  return { verb, resource, group: group.join('.'), subresource, namespace, name };
}
