import {
  describeReference,
  isSecretReference,
  parseSecretReference,
  problemOfReference,
} from './secret-reference.ts';

describe(parseSecretReference, () => {
  it.each([
    [
      'encryptedFile:vault!e:secret!p:spinnaker/kubernetes!k:config',
      { form: 'file', engine: 'vault', e: 'secret', p: 'spinnaker/kubernetes', k: 'config' },
    ],
    [
      'encrypted:vault!k:keystore!e:secret!p:spinnaker/saml!b:true!n:team-a',
      {
        ...{ form: 'value', engine: 'vault', e: 'secret', p: 'spinnaker/saml' },
        ...{ k: 'keystore', b: 'true', n: 'team-a' },
      },
    ],
    [
      'encryptedFile:k8s!n:kubeconfig!k:config!ns:spinnaker',
      { form: 'file', engine: 'k8s', n: 'kubeconfig', k: 'config', ns: 'spinnaker' },
    ],
    [
      'encrypted:s3!r:us-west-2!b:mybucket!f:spinnaker-secrets.yml!k:github.password',
      {
        ...{ form: 'value', engine: 's3', r: 'us-west-2', b: 'mybucket' },
        ...{ f: 'spinnaker-secrets.yml', k: 'github.password' },
      },
    ],
    [
      'encryptedFile:gcs!f:mykubeconfig!b:mybucket',
      { form: 'file', engine: 'gcs', f: 'mykubeconfig', b: 'mybucket' },
    ],
    [
      'encryptedFile:secrets-manager!r:us-west-2!s:arn:aws:secretsmanager:us-west-2:1:secret:x',
      {
        ...{ form: 'file', engine: 'secrets-manager', r: 'us-west-2' },
        s: 'arn:aws:secretsmanager:us-west-2:1:secret:x',
      },
    ],
    ['encrypted:file!p:/run/token', { form: 'value', engine: 'file', p: '/run/token' }],
    ['encrypted:env!n:TOKEN', { form: 'value', engine: 'env', n: 'TOKEN' }],
    [
      'secret://k8s?n=kubeconfig&k=a%26b&ns=spinnaker',
      { form: 'value', engine: 'k8s', n: 'kubeconfig', k: 'a&b', ns: 'spinnaker' },
    ],
    ['secretFile://file/?p=/run/x', { form: 'file', engine: 'file', p: '/run/x' }],
    ['secretfile://file?p=/a=b?c', { form: 'file', engine: 'file', p: '/a=b?c' }],
  ])('reads %s', (text, { form, engine, ...parameters }) => {
    expect(parseSecretReference(text)).toEqual({ form, engine, parameters });
  });

  it("takes Armory's older n of vault for the path", () => {
    const reference = parseSecretReference('encryptedFile:vault!e:secret!n:kubernetes!k:prod');

    expect(reference?.parameters).toEqual({ e: 'secret', p: 'kubernetes', k: 'prod' });
  });

  it.each(['', 'plain', '/path/to/file', 'postgres://u:p@h/d', 'encryptedX:vault', 'ENCRYPTED:x'])(
    'leaves %j as it is',
    (text) => {
      expect(parseSecretReference(text)).toBeUndefined();
      expect(isSecretReference(text)).toBe(false);
    },
  );

  it.each([
    ['encrypted:hunter2', /^names no engine that is known here: vault, k8s, s3, gcs/],
    ['encrypted:Vault!e:hunter2!p:a!k:b', /^names no engine/],
    ['encrypted:toString!e:hunter2', /^names no engine/],
    ['encrypted:vault', /^engine vault: e \(the secret engine's mount\) is missing$/],
    [
      'encrypted:vault!e:secret!k:hunter2',
      /^engine vault: p \(the path of the secret\) is missing$/,
    ],
    ['encrypted:vault!e:secret!hunter2', /^engine vault: parameter 2 has not the form key:value$/],
    ['encrypted:vault!e:secret!:hunter2', /^engine vault: parameter 2 has not the form/],
    ['encrypted:vault!hunter2:x!p:a', /^engine vault: parameter 1 is none of e, p, k, n, b$/],
    ['encrypted:vault!constructor:hunter2', /^engine vault: parameter 1 is none of/],
    ['encrypted:vault!e:a!e:hunter2!p:a!k:b', /^engine vault: e \(.*\) is given twice$/],
    ['encrypted:vault!e:!p:hunter2!k:b', /^engine vault: e \(.*\) is empty$/],
    ['encrypted:vault!e:a!p: hunter2!k:b', /^engine vault: p \(.*\) begins or ends with white/],
    [
      'encrypted:vault!e:a!p:b!k:c!b:hunter2',
      /^engine vault: b \(.*\) must be one of true, false$/,
    ],
    ['encryptedFile:secrets-manager!r:x!s:y!k:hunter2', /k \(.*\) cannot be had from a file/],
    ['secret://k8s?n=%hunter2&k=a', /^engine k8s: parameter 1 has not the form key:value$/],
    ['secret://k8s', /^engine k8s: n \(the name of the Secret\) is missing$/],
  ])('refuses %s and repeats nothing of it', (text, message) => {
    expect(problemOfReference(text, 'value')).toMatch(message);
    expect(problemOfReference(text, 'value')).not.toContain('hunter2');
    expect(() => parseSecretReference(text)).toThrow(
      expect.objectContaining({ name: 'SecretError', code: 'syntax' }) as Error,
    );
  });
});

describe(problemOfReference, () => {
  it.each([
    ['encrypted:env!n:A', 'value', undefined],
    ['encryptedFile:env!n:A', 'file', undefined],
    ['anything else', 'file', undefined],
    ['encrypted:env!n:A', 'file', /write encryptedFile:/],
    ['secretFile://env?n=A', 'value', /write encrypted:/],
  ] as const)('judges %s as a %s', (text, form, problem) => {
    const found = problemOfReference(text, form);

    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });
});

describe(describeReference, () => {
  it.each([
    ['encrypted:vault!e:kv!p:a/b!k:x', 'engine vault, path kv/a/b'],
    ['encrypted:vault!e:kv!p:a!k:x!n:team', 'engine vault, path kv/a in namespace team'],
    ['encrypted:k8s!n:a!k:x', 'engine k8s, Secret a'],
    ['encrypted:k8s!n:a!k:x!ns:b', 'engine k8s, Secret a in namespace b'],
    ['encrypted:s3!r:eu!b:c!f:d/e', 'engine s3, file d/e in bucket c (eu)'],
    ['encrypted:gcs!b:c!f:d', 'engine gcs, file d in bucket c'],
    ['encrypted:secrets-manager!r:eu!s:x', 'engine secrets-manager, secret x (eu)'],
    ['encrypted:file!p:/a', 'engine file, path /a'],
    ['encrypted:env!n:A', 'engine env, variable A'],
  ])('says where %s leads', (text, words) => {
    expect(describeReference(parseSecretReference(text)!)).toBe(words);
  });
});
