import { crossCheck } from '@fairlead/service-kit';
import { z } from 'zod';
import { checkSecrets, secretFile, secretsSchema, secretText } from './secrets-config.ts';

const schema = crossCheck(
  z.object({
    token: secretText.optional(),
    list: z.array(z.object({ file: secretFile })).default([]),
    secrets: secretsSchema.prefault({}),
  }),
  (config) => checkSecrets(config, config.secrets),
);
const problemsOf = (config: object) => {
  const { error } = schema.safeParse(config);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const vault = { enabled: true, url: 'https://vault:8200', authMethod: 'KUBERNETES', role: 'r' };
const inVault = 'encryptedFile:vault!e:secret!p:a!k:b';

describe(checkSecrets, () => {
  it("takes Armory's section as it is", () => {
    const secrets = { vault: { ...vault, path: 'kubernetes' } };

    expect(problemsOf({ list: [{ file: inVault }], secrets })).toEqual([]);
  });

  it('says where a reference needs an engine that is not configured', () => {
    const message = 'engine vault is not configured: secrets.vault.enabled is not true';

    expect(problemsOf({ list: [{ file: '/a' }, { file: inVault }] })).toEqual([
      `list.1.file: ${message}`,
    ]);
  });

  it.each([
    [{ enabled: true }, ['secrets.vault.url: is needed', 'secrets.vault.authMethod: is needed']],
    [{ ...vault, role: undefined }, ['secrets.vault.role: is needed with authMethod KUBERNETES']],
    [
      { ...vault, authMethod: 'APPROLE' },
      [
        'secrets.vault.roleId: is needed with authMethod APPROLE',
        'secrets.vault.secretIdFile: is needed with authMethod APPROLE',
      ],
    ],
    [
      { ...vault, authMethod: 'TOKEN', token: 'hunter2', tokenFile: '/a' },
      ['secrets.vault.token: give only one of token and tokenFile'],
    ],
    [{ ...vault, url: 'vault:8200' }, ['secrets.vault.url: must be an http or https URL']],
  ])('judges %j', (given, problems) => {
    expect(problemsOf({ list: [{ file: inVault }], secrets: { vault: given } })).toEqual(problems);
  });

  it('does not mind an unfinished section that nothing refers to', () => {
    expect(problemsOf({ secrets: { vault: { enabled: true } } })).toEqual([]);
  });

  it('wants each option in its own form', () => {
    const config = { token: 'encryptedFile:env!n:A', list: [{ file: 'encrypted:env!n:hunter2' }] };

    expect(problemsOf(config)).toEqual([
      'token: is a value, not the name of a file: write encrypted:',
      'list.0.file: is the name of a file: write encryptedFile: for its content',
    ]);
  });

  it("cuts off the file: that Armory's paths may begin with", () => {
    expect(secretFile.parse('file:///a/b')).toBe('/a/b');
    expect(secretFile.parse('encryptedFile:file!p:/a')).toBe('encryptedFile:file!p:/a');
  });
});
