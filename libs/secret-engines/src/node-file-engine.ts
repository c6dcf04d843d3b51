/** Secrets in files, such as a mounted Secret or what a sidecar writes. */
import { readFile } from 'node:fs/promises';
import { watchFiles } from '@fairlead/service-kit';
import { SecretError, systemCodeOf } from './secret-error.ts';
import type { SecretEngine } from './secret-engine.ts';
import type { SecretReference } from './secret-reference.ts';

const pathOf = ({ parameters: { p = '' } }: SecretReference): string => p;

/** An engine over this machine's files; a change is noticed at once. */
export function createFileEngine(): SecretEngine {
  return {
    read: async (reference, signal) => ({
      kind: 'content',
      content: await readSecretFile(pathOf(reference), signal),
      keys: 'path',
    }),
    watch: async (reference, onChange) => {
      const watch = await watchFiles({ files: [pathOf(reference)], onChange });
      return () => watch.close();
    },
  };
}

/** A file's content. Rejects with `SecretError`. */
export async function readSecretFile(path: string, signal?: AbortSignal): Promise<Buffer> {
  try {
    return await readFile(path, { signal });
  } catch (error: unknown) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new SecretError('notFound', 'there is no such file');
    if (code === 'EACCES' || code === 'EPERM') throw new SecretError('denied', 'permission denied');
    if (code === 'EISDIR') throw new SecretError('malformed', 'it is a directory');
    throw error;
  }
}
