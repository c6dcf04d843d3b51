import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessSchema } from './access-config.ts';
import { warnOfMissingTokens } from './node-token-files.ts';

describe(warnOfMissingTokens, () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fairlead-tokens-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('names rule and path of each file that is not there', async () => {
    const [there, missing] = [join(folder, 'there'), join(folder, 'missing')];
    await writeFile(there, 'token');
    const auth = accessSchema.parse({
      agents: [
        { tokenFile: there, accounts: ['*'] },
        { token: 'a', accounts: ['*'] },
        { tokenFile: missing, accounts: ['*'] },
      ],
      clients: [{ name: 'deck', tokenFile: missing }],
    });

    expect(await warnOfMissingTokens(auth)).toEqual([
      `auth.agents[2].tokenFile: ${missing} cannot be read: nobody gets in by this rule`,
      `auth.clients[0].tokenFile: ${missing} cannot be read: nobody gets in by this rule`,
    ]);
  });
});
