/** The clouds' own libraries against servers that speak their protocols. */
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  isUnavailable,
  startAws,
  startCloudStorage,
  type AwsHandle,
  type CloudStorageHandle,
} from '@fairlead/testbed';
import { secretsUnderTest, type SecretsUnderTest } from './secrets-under-test.ts';

const canary = 'canary-77ab';
const yaml = `github: { password: ${canary} }\n`;
const region = 'eu-central-1';

(isUnavailable('aws') ? describe.skip : describe)('engines s3 and secrets-manager', () => {
  const before = { ...process.env };
  let aws: AwsHandle;
  let under: SecretsUnderTest;

  beforeAll(async () => {
    // The SDK takes credentials from there.
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' });
    aws = await startAws();
    const s3 = new S3Client({ endpoint: aws.url, region, forcePathStyle: true });
    const CreateBucketConfiguration = { LocationConstraint: region } as const;
    await s3.send(new CreateBucketCommand({ Bucket: 'mybucket', CreateBucketConfiguration }));
    await s3.send(new PutObjectCommand({ Bucket: 'mybucket', Key: 'a/s.yml', Body: yaml }));
    s3.destroy();
    const manager = new SecretsManagerClient({ endpoint: aws.url, region });
    const SecretString = JSON.stringify({ 'a.b': canary });
    await manager.send(new CreateSecretCommand({ Name: 'pairs', SecretString }));
    const SecretBinary = Buffer.from([0, 255, 10]);
    await manager.send(new CreateSecretCommand({ Name: 'team/binary', SecretBinary }));
    manager.destroy();
    under = secretsUnderTest({
      s3: { endpointUrl: aws.url, pathStyleAccessEnabled: true },
      secretsManager: { endpointUrl: aws.url },
    });
  }, 600_000);

  afterAll(async () => {
    process.env = before;
    await under.secrets.close();
    await aws.stop();
  });

  it.each([
    [`encrypted:s3!r:${region}!b:mybucket!f:a/s.yml!k:github.password`, canary],
    [`encryptedFile:s3!r:${region}!b:mybucket!f:a/s.yml`, yaml],
    [`encrypted:secrets-manager!r:${region}!s:pairs!k:a.b`, canary],
    [`encrypted:secrets-manager!r:${region}!s:pairs`, JSON.stringify({ 'a.b': canary })],
  ])('reads %s', async (reference, value) => {
    expect(await under.read(reference)).toBe(value);
  });

  it('hands bytes on as they are', async () => {
    const reference = `encryptedFile:secrets-manager!r:${region}!s:team/binary`;

    expect(await under.secrets.content(reference)).toEqual(Buffer.from([0, 255, 10]));
  });

  it.each([
    [`encrypted:s3!r:${region}!b:mybucket!f:none`, 'notFound', /there is no such file$/],
    [`encrypted:s3!r:${region}!b:none!f:none`, 'notFound', /there is no such bucket$/],
    [`encrypted:s3!r:${region}!b:mybucket!f:a/s.yml!k:github.x`, 'noKey', /no key github.x$/],
    [`encrypted:secrets-manager!r:${region}!s:none`, 'notFound', /there is no such secret$/],
    [`encrypted:secrets-manager!r:${region}!s:pairs!k:a`, 'noKey', /there is no key a$/],
  ])('says why it has not got %s', async (reference, code, message) => {
    const failure = await under.read(reference).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});

(isUnavailable('gcs') ? describe.skip : describe)('engine gcs', () => {
  let storage: CloudStorageHandle;
  let under: SecretsUnderTest;

  beforeAll(async () => {
    storage = await startCloudStorage();
    const post = async (path: string, body: string) => {
      const response = await fetch(`${storage.url}${path}`, { method: 'POST', body });
      expect(response.status).toBe(200);
    };
    await post('/storage/v1/b?project=p', JSON.stringify({ name: 'mybucket' }));
    await post('/upload/storage/v1/b/mybucket/o?uploadType=media&name=a/s.yml', yaml);
    under = secretsUnderTest({ gcs: { endpointUrl: storage.url, credentials: 'none' } });
  }, 600_000);

  afterAll(() => storage.stop());

  it.each([
    ['encrypted:gcs!b:mybucket!f:a/s.yml!k:github.password', canary],
    ['encryptedFile:gcs!b:mybucket!f:a/s.yml', yaml],
  ])('reads %s', async (reference, value) => {
    expect(await under.read(reference)).toBe(value);
  });

  it.each(['encrypted:gcs!b:mybucket!f:none', 'encrypted:gcs!b:none!f:none'])(
    'says that there is no %s',
    async (reference) => {
      await expect(under.read(reference)).rejects.toThrow(/there is no such file or bucket$/);
    },
  );
});
