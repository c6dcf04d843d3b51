import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRequestInfo, type RequestInfo } from './request-info.ts';

type Case = readonly [method: string, target: string, info: RequestInfo | null];

/** What `NewRequestInfo` of k8s.io/apiserver v0.37.0 said; null where nothing is to be read. */
const recorded = JSON.parse(
  readFileSync(join(__dirname, '../tests/golden/request-info-cases.json'), 'utf8'),
) as readonly Case[];

function infoOf(method: string, target: string): RequestInfo {
  const reading = readRequestInfo({ method, target });
  if (reading.kind === 'ambiguous') throw new Error(reading.reason);
  return reading.info;
}

function isRead(target: string): boolean {
  return readRequestInfo({ method: 'GET', target }).kind === 'read';
}

describe(readRequestInfo, () => {
  it('reads what an API server reads, and nothing of what it is not sure of', () => {
    const wrong = recorded.filter(([method, target, info]) => {
      const reading = readRequestInfo({ method, target });
      return info === null
        ? reading.kind === 'read'
        : reading.kind === 'ambiguous' || !isSame(reading.info, info);
    });

    expect(recorded.length).toBeGreaterThan(300);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['GET', '/api/v1/pods', 'list pods'],
    ['GET', '/api/v1/pods?watch=true', 'watch pods'],
    ['GET', '/api/v1/namespaces/a/secrets/s?watch=1', 'get a/secrets/s'],
    ['GET', '/api/v1/watch/namespaces/a/secrets/s', 'watch a/secrets/s'],
    ['GET', '/api/v1/namespaces/a/%73ecrets', 'list a/secrets'],
    ['GET', '/api/v1/namespaces/a/secrets/?fieldSelector=metadata.name%3Ds', 'list a/secrets/s'],
    ['GET', '/api/v1/namespaces/a/pods/p/exec?command=sh', 'get a/pods/p/exec'],
    ['POST', '/api/v1/namespaces/a/pods/p/exec', 'create a/pods/p/exec'],
    ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection a/apps.deployments'],
    ['PATCH', '/apis/apps/v1/namespaces/a/deployments/d/scale', 'patch a/apps.deployments/d/scale'],
    ['PUT', '/api/v1/namespaces/a/status', 'update a/namespaces/a/status'],
    ['HEAD', '/api/v1/nodes/n', 'get nodes/n'],
    ['OPTIONS', '/api/v1/nodes/n', ' nodes/n'],
    ['GET', '/api/v1/proxy/namespaces/a/services/s/x', 'proxy a/services/s'],
    ['GET', '/api/v1/namespaces/a/services/s:80/proxy/a//b%2Fc', 'get a/services/s:80/proxy'],
  ])('reads %s %s as %s', (method, target, text) => {
    const info = infoOf(method, target);
    const resource = info.apiGroup === '' ? info.resource : `${info.apiGroup}.${info.resource}`;
    const place = [info.namespace, resource, info.name, info.subresource];

    expect(info.isResourceRequest).toBe(true);
    expect(`${info.verb} ${place.filter((part) => part !== '').join('/')}`).toBe(text);
  });

  it.each([
    '/',
    '/version',
    '/apis/apps/v1',
    '/api/v1',
    '/openapi/v3/apis/apps/v1?hash=x',
    '/logs/',
  ])('reads %s as an address', (target) => {
    const info = infoOf('GET', target);

    expect(info).toMatchObject({ isResourceRequest: false, verb: 'get', resource: '' });
    expect(info.path).toBe(target.split('?')[0]);
  });

  it.each([
    ...['', 'x', '*', 'http://h/api/v1/secrets', '//h/api', '/api/v1//secrets', '/api//v1/secrets'],
    ...['/api/v1/namespaces//secrets', '/api/v1/namespaces/a%2fsecrets', '/%2fapi/v1/secrets'],
    ...['/a/../api/v1/secrets', '/a/%2e%2E/api/v1/secrets', '/a/%252e%252e/api/v1/secrets'],
    ...['/api/v1/./secrets', '/api/v1/..', '/api/v1/a\\..\\secrets', '/api/v1/%5c../secrets'],
    ...[
      '/api/v1/namespaces/a/services/s/proxy/../../../secrets',
      '/api/v1/watch',
      '/api/v1/proxy/',
    ],
    ...['/api/v1/namespaces/a/services/s/proxy/..%2f..%2f..%2fsecrets'],
    ...[
      '/api/v1/namespaces/a/services/s/%70roxy/a//b',
      '/api/v1/namespaces/proxy//secrets/s/proxy',
    ],
    ...[
      '/api/v1/sec rets',
      '/api/v1/secrets\n',
      '/api/v1/secrets%00',
      '/api/v1/%zz',
      '/api/v1/%ff',
    ],
    ...['/api/v1/secréts', '/api/v1/secrets#x', '/api/v1%2Fnamespaces/a/pods/p/proxy/x'],
  ])('reads nothing of %j', (target) => {
    expect(isRead(target)).toBe(false);
  });

  it.each(['get', 'G T', '', 'GET\r\n'])('reads nothing with the method %j', (method) => {
    expect(readRequestInfo({ method, target: '/version' }).kind).toBe('ambiguous');
  });

  it('finds Secrets however they are asked for, or reads nothing', () => {
    const disguises = Array.from('secrets', (letter, at) => {
      const encoded = `%${letter.charCodeAt(0).toString(16)}`;
      return `${'secrets'.slice(0, at)}${encoded}${'secrets'.slice(at + 1)}`;
    });
    const before = ['/api/v1/', '/api/v1/namespaces/a/', '/api/v1/watch/', '/%61pi/v1/watch/'];
    const behind = ['', '/', '/s', '/s/status', '?watch', '/s?x=%zz&watch=1;', '?limit=x&watch=1'];

    for (const start of before) {
      for (const disguise of disguises) {
        for (const end of behind) {
          expect(infoOf('GET', start + disguise + end)).toMatchObject({
            ...{ resource: 'secrets', apiGroup: '', apiVersion: 'v1', isResourceRequest: true },
          });
        }
      }
    }
  });
});

function isSame(a: RequestInfo, b: RequestInfo): boolean {
  return (Object.keys(b) as (keyof RequestInfo)[]).every((key) => a[key] === b[key]);
}
