/** People with JSON Web Tokens: their groups, the accounts' own roles, and streams that end with the token. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';
import { FakeAgent } from './fake-agent.ts';

let directory: string;
let bridge: BridgeUnderTest;
let agent: FakeAgent;
let key: CryptoKey;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
  const pair = await generateKeyPair('ES256', { extractable: true });
  key = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1' };
  await writeFile(join(directory, 'keys.json'), JSON.stringify({ keys: [jwk] }));
  const jwt = `{ issuer: idp, audience: fairlead, jwksFile: ${directory}/keys.json, groupsClaim: roles, nameClaim: email }`;
  bridge = await startBridgeUnderTest(
    directory,
    `
auth:
  clients:
    - { name: everybody, jwt: ${jwt}, accounts: ["open", "guarded"] }
    - { name: writers, jwt: ${jwt}, groups: ["team-*"], accounts: ["open", "guarded"], access: write }
    - { name: machine, token: machine-token, accounts: ["*"] }
`,
  );
  agent = await new FakeAgent({ port: bridge.grpcPort }).welcome();
  const permissions = { READ: ['Team-A', 'auditors'], WRITE: ['team-a'] };
  agent.register('open', { uid: 'u1' });
  agent.register('guarded', { uid: 'u2', properties: { permissions } });
  agent.register('hidden', { uid: 'u3' });
  for (let count = 0; count < 3; count += 1) await agent.hear('accountAccepted');
});

afterEach(async () => {
  agent.crash();
  await bridge.stop();
  await rm(directory, { recursive: true, force: true });
});

function person(roles: readonly string[] | undefined, lifeSeconds = 600): Promise<string> {
  const claims = { iss: 'idp', aud: 'fairlead', sub: 's', email: 'jane@example.org' };
  return new SignJWT({ ...claims, ...(roles === undefined ? {} : { roles }) })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setExpirationTime(Math.floor(Date.now() / 1000) + lifeSeconds)
    .sign(key);
}

async function seenBy(token: string): Promise<readonly string[]> {
  const { items } = await bridge.json<{ items: { name: string }[] }>('/api/v1/accounts', token);
  return items.map(({ name }) => name);
}

/** Status of a request that would change something. */
async function moveStatus(account: string, token: string): Promise<number> {
  return (await bridge.post(`/api/v1/accounts/${account}/move`, token, { uid: 'u9' })).status;
}

describe('a person', () => {
  it('sees what a rule and the account’s own roles let them see', async () => {
    expect(await seenBy(await person(['team-a']))).toEqual(['guarded', 'open']);
    expect(await seenBy(await person(['AUDITORS']))).toEqual(['guarded', 'open']);
    expect(await seenBy(await person(['team-b']))).toEqual(['open']);
    expect(await seenBy(await person(undefined))).toEqual(['open']);
    expect(await seenBy('machine-token')).toEqual(['guarded', 'hidden', 'open']);
  });

  it('changes only what their group and the account’s roles let them', async () => {
    expect(await moveStatus('guarded', await person(['auditors']))).toBe(403);
    expect(await moveStatus('guarded', await person(['team-b']))).toBe(404);
    expect(await moveStatus('open', await person(['auditors']))).toBe(403);
    expect(await moveStatus('hidden', await person(['team-a']))).toBe(404);
    expect(await moveStatus('guarded', 'machine-token')).toBe(403);
    expect(await moveStatus('guarded', await person(['team-a']))).toBe(202);
  });

  it('is named in the log with what they have changed, and their token is not', async () => {
    const token = await person(['team-a']);
    await moveStatus('open', token);

    const said = bridge.log.join('\n');
    expect(said).toContain('everybody:jane@example.org');
    expect(said).not.toContain(token.slice(0, 30));
  });

  it('is cut off in mid-stream when their token expires', async () => {
    const headers = { authorization: `Bearer ${await person(['team-a'], 8)}` };
    const lasting = { authorization: `Bearer ${await person(['team-a'])}` };
    const url = `http://127.0.0.1:${bridge.httpPort}/api/v1/events`;
    const ending = await fetch(url, { headers });
    const leave = new AbortController();
    const staying = await fetch(url, { headers: lasting, signal: leave.signal });
    expect([ending.status, staying.status]).toEqual([200, 200]);
    let hasEnded = false;
    const stays = staying.text().then(
      () => (hasEnded = true),
      () => undefined,
    );

    // Resolves or rejects when the bridge ends it; Jest's limit is the promised minute.
    await ending.text().catch(() => undefined);

    expect((await fetch(url, { headers })).status).toBe(401);
    expect(hasEnded).toBe(false);
    leave.abort();
    await stays;
  }, 60_000);
});
