import { describe, expect, it } from '@jest/globals';
import { payloadToKeep, type PayloadFeed } from './dead-letter-payload.ts';

const secrets: PayloadFeed = { group: '', resource: 'secrets', namespace: '', kind: 'Secret' };
const pods: PayloadFeed = { group: '', resource: 'pods', namespace: '', kind: 'Pod' };

function isKept(feed: PayloadFeed, object: object | string): boolean {
  const text = typeof object === 'string' ? object : JSON.stringify(object);
  return payloadToKeep(feed, Buffer.from(text)).byteLength > 0;
}

describe(payloadToKeep, () => {
  it.each([
    ['metadata alone', { kind: 'Secret', metadata: { name: 's' } }],
    ['values that were cut', { kind: 'Secret', data: {}, stringData: null, type: 'Opaque' }],
  ])('keeps a Secret with %s', (_what, secret) => {
    expect(isKept(secrets, secret)).toBe(true);
  });

  it.each([
    ['data', { kind: 'Secret', data: { password: 'aHVudGVyMg==' } }],
    ['stringData', { kind: 'Secret', stringData: { password: 'hunter2' } }],
    ['data of an odd form', { kind: 'Secret', data: 'hunter2' }],
    [
      'a copy of itself',
      {
        kind: 'Secret',
        metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
      },
    ],
  ])('keeps nothing of a Secret with %s', (_what, secret) => {
    expect(isKept(secrets, secret)).toBe(false);
  });

  it.each(['{"kind":"Secret","data":{"a":"hunter', '', '[]', '"hunter2"', '{"kind":"Pod"}'])(
    'keeps nothing of a feed of Secrets that is no Secret: %j',
    (text) => {
      expect(isKept(secrets, text)).toBe(false);
    },
  );

  it.each([
    '{"kind": "Secret", "data": {"a": "aHVudGVyMg=="}}',
    '{"kind": "Secret", "data": {"a": "hunter',
    '{"kind": "List", "items": [{"kind": "Secret", "data": {"a": "aHVudGVyMg=="}}]}',
  ])('keeps nothing that may be a Secret, whatever feed it came from: %s', (text) => {
    expect(isKept(pods, text)).toBe(false);
  });

  it.each([
    '{"kind":"Pod"',
    '{"kind":"Pod","ownerReferences":[{"kind":"Secret"}]}',
    '{"kind":"Node"}',
    '\u0000',
  ])('keeps what cannot hold values of a Secret: %j', (text) => {
    expect(isKept(pods, text)).toBe(true);
  });
});
