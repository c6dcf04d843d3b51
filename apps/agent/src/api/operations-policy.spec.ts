import { readRequestInfo } from '@fairlead/api-tunnel';
import { operationsSchema } from '../operations-config.ts';
import { isAllowed, refusalMessage, type AskedOperation } from './operations-policy.ts';

const ns = '/api/v1/namespaces/a';
const apps = '/apis/apps/v1/namespaces/a';
const reviews = '/apis/authorization.k8s.io/v1';

function asked(text: string): AskedOperation {
  const [method = '', target = '', upgrade = ''] = text.split(' ');
  const reading = readRequestInfo({ method, target });
  if (reading.kind === 'ambiguous') throw new Error(reading.reason);
  return { info: reading.info, method, isUpgrade: upgrade !== '' };
}

const allowOf = (allow: unknown) => operationsSchema.parse({ allow }).allow;

describe(isAllowed, () => {
  it.each([
    ...[
      'GET /version',
      'GET /',
      'GET /metrics',
      'HEAD /healthz',
      'OPTIONS /apis',
      'GET /apis/apps/v1',
    ],
    ...[`GET ${ns}/pods`, `GET ${ns}/pods?watch=1`, `GET ${ns}/pods/p`, `HEAD ${ns}/pods/p`],
    ...[
      `OPTIONS ${ns}/pods/p`,
      `GET ${ns}/pods/p/log?follow=true`,
      `GET ${apps}/deployments/d/scale`,
    ],
    ...[`GET ${ns}/pods?watch=1 websocket`, `GET ${ns}/pods/p/log websocket`, `GET ${ns}/secrets`],
    ...[`POST ${reviews}/selfsubjectaccessreviews`, `POST ${reviews}/selfsubjectrulesreviews`],
    ...['POST /apis/authentication.k8s.io/v1/selfsubjectreviews', 'GET /api/v1/watch/pods'],
  ])('lets %s pass as read-only', (text) => {
    expect(isAllowed(asked(text), 'read-only')).toBe(true);
    expect(isAllowed(asked(text), 'all')).toBe(true);
    expect(isAllowed(asked(text), 'none')).toBe(false);
  });

  it.each([
    ...[`POST ${ns}/pods`, `PUT ${ns}/pods/p`, `PATCH ${ns}/pods/p`, `DELETE ${ns}/pods/p`],
    ...[`DELETE ${ns}/pods`, `POST ${ns}/pods?dryRun=All`, `POST ${ns}/pods/p/eviction`],
    ...[
      `GET ${ns}/pods/p/exec?command=sh websocket`,
      `GET ${ns}/pods/p/exec`,
      `POST ${ns}/pods/p/exec`,
    ],
    ...[`GET ${ns}/pods/p/attach websocket`, `GET ${ns}/pods/p/portforward websocket`],
    ...[
      `GET ${ns}/pods/p/proxy/x`,
      `GET ${ns}/services/s/proxy`,
      'GET /api/v1/nodes/n/proxy/run/x',
    ],
    ...[
      `GET /api/v1/proxy/namespaces/a/pods/p`,
      'POST /version',
      'PUT /',
      'GET /anything websocket',
    ],
    ...[
      `GET /apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/v/vnc websocket`,
    ],
    ...[`POST ${ns}/serviceaccounts/s/token`, 'POST /apis/authentication.k8s.io/v1/tokenreviews'],
    ...[`POST ${reviews}/subjectaccessreviews`, 'POST /apis/x.io/v1/selfsubjectaccessreviews'],
    ...[`FOO ${ns}/pods`, 'FOO /version', `DELETE /api/v1/watch/pods`],
  ])('refuses %s as read-only', (text) => {
    expect(isAllowed(asked(text), 'read-only')).toBe(false);
    expect(isAllowed(asked(text), 'all')).toBe(true);
  });

  it.each([
    [
      { verbs: ['get'], groups: [''], resources: ['pods'] },
      [`GET ${ns}/pods/p`],
      [`GET ${ns}/pods`],
    ],
    [
      { verbs: ['*'], groups: ['apps'], resources: ['*'], namespaces: ['a'] },
      [`GET ${apps}/deployments`, `PATCH ${apps}/deployments/d/scale`],
      [
        `GET ${ns}/pods`,
        'GET /apis/apps/v1/deployments',
        'GET /apis/apps/v1/namespaces/b/deployments',
      ],
    ],
    [
      { verbs: ['get', 'create'], groups: [''], resources: ['pods/exec'] },
      [`GET ${ns}/pods/p/exec websocket`, `POST ${ns}/pods/p/exec`],
      [`GET ${ns}/pods/p`, `GET ${ns}/pods/p/attach`, `GET ${ns}/pods/p/log`],
    ],
    [
      { verbs: ['get'], groups: ['*'], resources: ['*/scale'] },
      [`GET ${apps}/deployments/d/scale`],
      [`GET ${apps}/deployments/d`, `GET ${apps}/deployments/d/status`],
    ],
    [
      { verbs: ['get', 'list', 'watch'], groups: [''], resources: ['secrets'], names: ['s'] },
      [`GET ${ns}/secrets/s`, `GET ${ns}/secrets?fieldSelector=metadata.name%3Ds&watch=1`],
      [
        `GET ${ns}/secrets`,
        `GET ${ns}/secrets/t`,
        `GET ${ns}/secrets?fieldSelector=metadata.name!%3Ds`,
      ],
    ],
    [
      { verbs: ['get'], nonResourceURLs: ['/metrics', '/logs/*'] },
      ['GET /metrics', 'GET /logs/x'],
      ['GET /metrics/x', 'GET /debug', 'POST /metrics', `GET ${ns}/pods/p`],
    ],
  ])('keeps to the rule %j', (rule, allowed, refused) => {
    const allow = allowOf([rule]);

    expect(allowed.filter((text) => !isAllowed(asked(text), allow))).toEqual([]);
    expect(refused.filter((text) => isAllowed(asked(text), allow))).toEqual([]);
  });

  it('lets discovery pass beside rules, and nothing else', () => {
    const allow = allowOf([{ verbs: ['get'], groups: [''], resources: ['pods'] }]);

    for (const path of ['/api', '/api/v1', '/apis', '/apis/apps/v1', '/openapi/v2', '/version']) {
      expect(isAllowed(asked(`GET ${path}`), allow)).toBe(true);
      expect(isAllowed(asked(`POST ${path}`), allow)).toBe(false);
    }
    expect(isAllowed(asked('GET /'), allow)).toBe(false);
  });
});

describe(refusalMessage, () => {
  it.each([
    ['POST /api/v1/namespaces/a/pods/p/exec', 'to create pods/exec in the namespace a'],
    ['DELETE /apis/apps/v1/deployments', 'to deletecollection deployments of apps'],
    ['FOO /api/v1/nodes', 'this nodes'],
    ['POST /version', 'to post /version'],
  ])('says of %s that the agent refuses it, and why', (text, what) => {
    expect(refusalMessage(asked(text), 'prod', 'read-only')).toBe(
      `Fairlead's agent refuses ${what}: its own configuration of the account prod ` +
        "(operations.allow: read-only) does not allow it, whatever the cluster's RBAC says",
    );
  });
});

describe('operations', () => {
  it.each([
    { allow: 'some' },
    { allow: [] },
    { allow: [{ verbs: ['get'], resources: ['pods'] }] },
    { allow: [{ verbs: ['get'], groups: [''], resources: ['pods'], namespace: ['a'] }] },
    { allow: [{ verbs: ['get'], groups: [''], resources: ['pods'], nonResourceURLs: ['/'] }] },
    { secrets: 'maybe' },
    { secrets: [{ names: ['x'] }] },
  ])('refuses %j', (operations) => {
    expect(operationsSchema.safeParse(operations).success).toBe(false);
  });
});
