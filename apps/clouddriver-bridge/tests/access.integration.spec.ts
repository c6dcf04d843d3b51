/** Agents that may not stay: over real gRPC, with the bridge's own clock. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';
import { FakeAgent } from './fake-agent.ts';

/** What is promised. */
const cutWithinMs = 60_000;

let directory: string;
let bridge: BridgeUnderTest;
let key: CryptoKey;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
  const pair = await generateKeyPair('ES256', { extractable: true });
  key = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1' };
  await writeFile(join(directory, 'keys.json'), JSON.stringify({ keys: [jwk] }));
  await writeFile(join(directory, 'token'), 'first\n');
  bridge = await startBridgeUnderTest(
    directory,
    `
auth:
  agents:
    - { tokenFile: ${directory}/token, accounts: ["file-*"] }
    - jwt: { issuer: idp, audience: fairlead, jwksFile: ${directory}/keys.json, subject: 'agent-*' }
      accounts: ["jwt-*"]
  clients:
    - { token: reader, name: reader }
`,
  );
});

afterEach(async () => {
  await bridge.stop();
  await rm(directory, { recursive: true, force: true });
});

function jwt(sub: string, lifeSeconds: number): Promise<string> {
  return new SignJWT({ sub, iss: 'idp', aud: 'fairlead' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setExpirationTime(Math.floor(Date.now() / 1000) + lifeSeconds)
    .sign(key);
}

function dial(token: string): FakeAgent {
  return new FakeAgent({ port: bridge.grpcPort, token });
}

describe('a link', () => {
  it(
    'is cut when its token file changes, its token expires, or its key is withdrawn',
    async () => {
      const byFile = await dial('first').welcome();
      const expiring = await dial(await jwt('agent-1', 8)).welcome();
      const lasting = await dial(await jwt('agent-2', 3600)).welcome();
      await byFile.accepted('file-a', 'uid-1');
      await expiring.accepted('jwt-a', 'uid-2');
      await lasting.accepted('jwt-b', 'uid-3');

      await writeFile(join(directory, 'token'), 'second\n');
      const startedMs = performance.now();
      const reasons = await Promise.all(
        [byFile, expiring].map(async (agent) => (await agent.hear('reconnect')).reason),
      );
      await Promise.all([byFile.ended, expiring.ended]);
      const tookMs = performance.now() - startedMs;

      expect(reasons).toEqual([
        expect.stringContaining('not valid any more'),
        'its credentials have expired',
      ]);
      expect(tookMs).toBeLessThan(cutWithinMs);
      expect(lasting.unheard()).not.toContain('reconnect');
      expect((await dial('first').ended).code).toBe(16);
      const renewed = await dial('second').welcome();

      await writeFile(join(directory, 'keys.json'), '{"keys":[]}');
      const { reason } = await lasting.hear('reconnect');
      await lasting.ended;

      expect(reason).toContain('not valid any more');
      expect((await dial(await jwt('agent-3', 600)).ended).code).toBe(16);
      renewed.crash();
    },
    3 * cutWithinMs,
  );

  it('is limited to the names of its rule', async () => {
    const agent = await dial(await jwt('agent-1', 600)).welcome();

    agent.register('file-a', { uid: 'u1' });

    const { reason } = await agent.hear('accountRejected');
    expect(reason).toBe('auth.agents[1]: agent-1 may not register this name');
    agent.crash();
  });

  it.each([
    ['another subject', () => jwt('root', 600)],
    ['a token that has expired', () => jwt('agent-1', -60)],
  ])('is refused for %s, and no token is logged', async (_what, make) => {
    const token = await make();

    const { code } = await dial(token).ended;

    expect(code).toBe(16);
    expect(bridge.log.join('\n')).toContain('link refused');
    expect(bridge.log.join('\n')).not.toContain(token.slice(0, 40));
  });
});
