import { answerHeadersOf, requestHeadersOf } from './travelling-headers.ts';

const sent = (headersDistinct: NodeJS.Dict<string[]>) => requestHeadersOf({ headersDistinct });

describe(requestHeadersOf, () => {
  it('keeps what is for the API server, repeated headers in one value', () => {
    expect(sent({ accept: ['application/json', 'text/plain'], 'user-agent': ['kubectl'] })).toEqual(
      {
        ...{ accept: 'application/json, text/plain', 'user-agent': 'kubectl' },
      },
    );
  });

  it('keeps groups apart that may hold commas', () => {
    const groups = { 'impersonate-group': ['a, system:masters', 'b'] };

    expect(sent(groups)).toEqual({ 'impersonate-group': 'a, system:masters\nb' });
  });

  it('leaves out what is of the connection, also what it names itself', () => {
    const headers = {
      ...{ host: ['bridge'], connection: ['Upgrade, X-Hop'], upgrade: ['websocket'], te: ['x'] },
      ...{ 'x-hop': ['1'], 'transfer-encoding': ['chunked'], 'keep-alive': ['5'] },
    };

    expect(sent(headers)).toEqual({});
  });

  it('does not let a client take out as whom it acts', () => {
    const headers = { connection: ['impersonate-user'], 'impersonate-user': ['jane'] };

    expect(sent(headers)).toEqual({ 'impersonate-user': 'jane' });
  });

  it('leaves out what proves who the client is', () => {
    const headers = {
      ...{ authorization: ['Bearer x'], cookie: ['a=b'], 'x-remote-user': ['root'] },
      'sec-websocket-protocol': ['v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.eA'],
    };

    expect(sent(headers)).toEqual({ 'sec-websocket-protocol': 'v5.channel.k8s.io' });
  });
});

describe(answerHeadersOf, () => {
  it('leaves out what was of the connection to the cluster', () => {
    const headers = { connection: 'close', 'transfer-encoding': 'chunked', etag: '"1"' };

    expect(answerHeadersOf(headers)).toEqual({ etag: '"1"' });
  });
});
