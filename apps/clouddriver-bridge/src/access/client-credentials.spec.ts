import { describe, expect, it } from '@jest/globals';
import { bearerFrom, withoutCredentials } from './client-credentials.ts';

const upgrade = { upgrade: 'websocket' };
const inProtocol = (token: string) =>
  `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;

describe(bearerFrom, () => {
  it.each([
    [{ authorization: 'Bearer abc' }, 'abc'],
    [{ authorization: 'bearer   abc ' }, 'abc'],
    [{ authorization: 'Basic abc' }, undefined],
    [{ authorization: 'Bearer a b' }, undefined],
    [{}, undefined],
    [{ ...upgrade, 'sec-websocket-protocol': `v5.channel.k8s.io, ${inProtocol('a~c')}` }, 'a~c'],
    [{ 'sec-websocket-protocol': inProtocol('abc') }, undefined],
    [{ ...upgrade, 'sec-websocket-protocol': inProtocol('a\r\nb') }, undefined],
    [{ ...upgrade, 'sec-websocket-protocol': inProtocol('') }, undefined],
    [
      { ...upgrade, authorization: 'Basic x', 'sec-websocket-protocol': inProtocol('abc') },
      undefined,
    ],
  ])('finds in %j the token %s', (headers, token) => {
    expect(bearerFrom(headers)).toBe(token);
  });
});

describe(withoutCredentials, () => {
  it('takes off whatever proves who asks, and nothing else', () => {
    const headers = {
      host: 'bridge',
      accept: 'application/json',
      authorization: 'Bearer abc',
      'proxy-authorization': 'Basic abc',
      cookie: 'session=abc',
      'x-remote-user': 'root',
      'x-remote-uid': '0',
      'x-remote-group': 'system:masters',
      'x-remote-extra-scopes': 'all',
      'x-forwarded-client-cert': 'Subject="CN=root"',
      'impersonate-user': 'jane',
      'sec-websocket-protocol': `${inProtocol('abc')}, v5.channel.k8s.io,v4.channel.k8s.io`,
    };

    expect(withoutCredentials(headers)).toEqual({
      host: 'bridge',
      accept: 'application/json',
      'impersonate-user': 'jane',
      'sec-websocket-protocol': 'v5.channel.k8s.io, v4.channel.k8s.io',
    });
  });

  it('takes off a header of protocols that holds nothing but a token', () => {
    expect(withoutCredentials({ 'sec-websocket-protocol': inProtocol('abc') })).toEqual({});
  });
});
