import { createEnvEngine } from './env-engine.ts';
import { parseSecretReference } from './secret-reference.ts';

const { signal } = new AbortController();
const read = (text: string) =>
  createEnvEngine({ TOKEN: 'hunter2', EMPTY: '' }).read(parseSecretReference(text)!, signal);

describe(createEnvEngine, () => {
  it('gives what a variable holds', async () => {
    expect(await read('encrypted:env!n:TOKEN')).toMatchObject({ content: Buffer.from('hunter2') });
    expect(await read('encrypted:env!n:EMPTY')).toMatchObject({ content: Buffer.from('') });
  });

  it.each(['encrypted:env!n:OTHER', 'encrypted:env!n:toString'])('has no %s', async (text) => {
    await expect(read(text)).rejects.toThrow(
      expect.objectContaining({ code: 'notFound' }) as Error,
    );
  });
});
