import { createPeerKey, verifyPeerToken } from './peer-tokens.ts';

const [a, b] = [createPeerKey(), createPeerKey()];
const publicKeyOf = (bridgeId: string): string | undefined =>
  new Map([
    ['a', a.publicKey],
    ['b', b.publicKey],
    ['old', ''],
  ]).get(bridgeId);

describe(verifyPeerToken, () => {
  it('knows who signed it', async () => {
    expect(await verifyPeerToken(await a.sign('a', 'b'), 'b', publicKeyOf)).toEqual({
      ...{ kind: 'peer', bridgeId: 'a' },
    });
  });

  it.each([
    ['was made for another bridge', async () => a.sign('a', 'c')],
    ['was signed by somebody else', async () => a.sign('b', 'b')],
    ['is of nobody in the database', async () => a.sign('x', 'b')],
    ['is of a bridge without a key', async () => a.sign('old', 'b')],
    ['is no token', () => Promise.resolve('x.y.z')],
    ['is not there', () => Promise.resolve('')],
  ])('refuses what %s', async (_what, token) => {
    expect(await verifyPeerToken(await token(), 'b', publicKeyOf)).toMatchObject({
      kind: 'refused',
    });
  });
});
