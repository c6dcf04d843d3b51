/** Vault itself: both versions of its key-value engine, every way to log in, and tokens that end. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isUnavailable, startVault, type VaultHandle } from '@fairlead/testbed';
import { secretsUnderTest } from './secrets-under-test.ts';

const suite = isUnavailable('vault') ? describe.skip : describe;
const canary = 'canary-5d1c';
const ofNew = 'encrypted:vault!e:secret!p:spinnaker/github!k:password';
const ofOld = 'encrypted:vault!e:old/kv!p:spinnaker/github!k:password';

suite('engine vault', () => {
  let vault: VaultHandle;
  let directory: string;

  beforeAll(async () => {
    vault = await startVault();
    directory = await mkdtemp(join(tmpdir(), 'fairlead-vault-'));
    await post('sys/mounts/secret', { type: 'kv', options: { version: '2' } });
    await post('sys/mounts/old/kv', { type: 'kv', options: { version: '1' } });
    const b64 = Buffer.from(canary).toString('base64');
    await put('spinnaker/github', { password: canary, b64, n: 5 });
    await put('other', { password: canary });
    await post('old/kv/spinnaker/github', { password: `${canary} of old` });
    const policy =
      'path "secret/data/spinnaker/*" { capabilities = ["read"] }\n' +
      'path "old/kv/spinnaker/*" { capabilities = ["read"] }';
    await post('sys/policies/acl/reader', { policy });
    await post('sys/auth/approle', { type: 'approle' });
    await post('auth/approle/role/agent', { token_policies: 'reader', token_ttl: '20m' });
    await post('sys/auth/people', { type: 'userpass' });
    await post('auth/people/users/ann', { password: 'pw', token_policies: 'reader' });
  }, 600_000);

  afterAll(async () => {
    await vault.stop();
    await rm(directory, { recursive: true });
  });

  function post(path: string, body: object = {}): Promise<unknown> {
    return vault.request({ method: 'POST', path, body });
  }

  function put(path: string, data: object): Promise<unknown> {
    return post(`secret/data/${path}`, { data });
  }

  async function newToken(options: object = {}): Promise<string> {
    const answer = await post('auth/token/create', {
      ...{ policies: ['reader'], no_parent: true },
      ...options,
    });
    return (answer as { auth: { client_token: string } }).auth.client_token;
  }

  function withToken(token: string) {
    const section = { enabled: true, url: vault.url, authMethod: 'TOKEN' };
    return secretsUnderTest({ vault: section }, { VAULT_TOKEN: token });
  }

  it('reads both versions of the key-value engine', async () => {
    const { read } = withToken(await newToken());

    expect(await read(ofNew)).toBe(canary);
    expect(await read(ofOld)).toBe(`${canary} of old`);
    expect(await read('encryptedFile:vault!e:secret!n:spinnaker/github!k:b64!b:true')).toBe(canary);
    expect(await read('secret://vault?e=secret&p=spinnaker/github&k=n')).toBe('5');
  });

  it('reads both without leave to ask which one it is', async () => {
    const policy = 'path "sys/internal/ui/mounts/*" { capabilities = ["deny"] }';
    await post('sys/policies/acl/blind', { policy });
    const { read } = withToken(await newToken({ policies: ['reader', 'blind'] }));

    expect(await read(ofNew)).toBe(canary);
    expect(await read(ofOld)).toBe(`${canary} of old`);
  });

  it.each([
    ['e:secret!p:other!k:password', 'path secret/other: permission denied'],
    ['e:secret!p:spinnaker/none!k:password', 'path secret/spinnaker/none: there is no such secret'],
    [
      'e:secret!p:spinnaker/github!k:Password',
      'path secret/spinnaker/github: there is no key Password',
    ],
    ['e:none!p:spinnaker/github!k:password', 'path none/spinnaker/github: permission denied'],
  ])('says why it has not got %s', async (parameters, message) => {
    const { read } = withToken(await newToken());

    await expect(read(`encrypted:vault!${parameters}`)).rejects.toThrow(
      new RegExp(`^engine vault, ${message}$`),
    );
  });

  it('sees a new version, and that all are deleted', async () => {
    const { read } = withToken(await newToken());
    const reference = 'encrypted:vault!e:secret!p:spinnaker/turning!k:k';
    await put('spinnaker/turning', { k: 'one' });
    expect(await read(reference)).toBe('one');

    await put('spinnaker/turning', { k: 'two' });
    expect(await read(reference)).toBe('two');

    await vault.request({ method: 'DELETE', path: 'secret/data/spinnaker/turning' });
    await expect(read(reference)).rejects.toThrow('there is no such secret');
  });

  it('renews the token that it was given', async () => {
    const token = await newToken({ ttl: '1h', explicit_max_ttl: '24h' });
    const { read, pass } = withToken(token);
    await read(ofNew);
    const renewedAt = async () => {
      const answer = await vault.request({ path: 'auth/token/lookup-self', token });
      return (answer as { data: { last_renewal_time?: number } }).data.last_renewal_time;
    };
    expect(await renewedAt()).toBeUndefined();

    pass(31 * 60_000);
    await read(ofNew);

    expect(await renewedAt()).toBeGreaterThan(0);
  });

  it('says that a token has ended', async () => {
    const token = await newToken();
    const { read } = withToken(token);
    await read(ofNew);
    await post('auth/token/revoke', { token });

    await expect(read(ofNew)).rejects.toThrow(
      'path secret/spinnaker/github: Vault refuses the token',
    );
  });

  it('takes the token from a file, as it is at the time', async () => {
    const tokenFile = join(directory, 'token');
    const section = { enabled: true, url: vault.url, authMethod: 'TOKEN', tokenFile };
    const { read } = secretsUnderTest({ vault: section });
    await expect(read(ofNew)).rejects.toThrow('secrets.vault.tokenFile: there is no such file');

    await writeFile(tokenFile, `${await newToken()}\n`);

    expect(await read(ofNew)).toBe(canary);
  });

  it('logs in by AppRole, and anew when its token is refused', async () => {
    const roleId = await vault.request({ path: 'auth/approle/role/agent/role-id' });
    const secretId = await post('auth/approle/role/agent/secret-id');
    const secretIdFile = join(directory, 'secret-id');
    await writeFile(secretIdFile, (secretId as { data: { secret_id: string } }).data.secret_id);
    const { read } = secretsUnderTest({
      vault: {
        ...{ enabled: true, url: vault.url, authMethod: 'APPROLE', secretIdFile },
        roleId: (roleId as { data: { role_id: string } }).data.role_id,
      },
    });
    expect(await read(ofNew)).toBe(canary);

    await post('sys/leases/revoke-prefix/auth/approle');
    expect(await read(ofNew)).toBe(canary);

    await writeFile(secretIdFile, 'wrong');
    await post('sys/leases/revoke-prefix/auth/approle');
    await expect(read(ofNew)).rejects.toThrow(
      'Vault refuses the login at auth/approle/login (HTTP 400)',
    );
  });

  it('logs in with a name and a password', async () => {
    const section = { enabled: true, url: vault.url, authMethod: 'USERPASS', username: 'ann' };
    const under = (password: string) =>
      secretsUnderTest({ vault: { ...section, userAuthPath: 'people', password } });

    expect(await under('pw').read(ofNew)).toBe(canary);
    await expect(under('hunter2').read(ofNew)).rejects.toThrow(
      /: Vault refuses the login at auth\/people\/login\/ann \(HTTP 400\)$/,
    );
  });

  it('keeps what it has while Vault is sealed or away, and says so', async () => {
    await using second = await startVault();
    const ask = (path: string, body: object) => second.request({ method: 'POST', path, body });
    await ask('sys/mounts/kv', { type: 'kv' });
    await ask('kv/a', { k: canary });
    const { url, rootToken: token } = second;
    const { secrets, read } = secretsUnderTest({
      vault: { enabled: true, url, authMethod: 'TOKEN', token },
    });
    const reference = 'encrypted:vault!e:kv!p:a!k:k';
    await secrets.follow([reference], () => undefined);
    const reasons = () => secrets.troubles().map(({ reason }) => reason);
    expect(await read(reference)).toBe(canary);
    expect(reasons()).toEqual([]);

    await second.request({ method: 'POST', path: 'sys/seal' });
    expect(await read(reference)).toBe(canary);
    expect(reasons()).toEqual(['Vault is sealed or in maintenance']);

    await second.stop();
    expect(await read(reference)).toBe(canary);
    expect(reasons()).toEqual(['no answer (ECONNREFUSED)']);
    await secrets.close();
  });
});
