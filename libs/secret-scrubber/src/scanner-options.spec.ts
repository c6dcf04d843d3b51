import { resolveScannerOptions } from './scanner-options.ts';
import type { ScannerOptions } from './scanner.ts';

describe(resolveScannerOptions, () => {
  it('fills in what is left out', () => {
    const resolved = resolveScannerOptions({ apiVersion: 'v1', kind: 'Secret' });

    expect(resolved).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      isSecretFeed: true,
      readAnnotations: { keys: new Set(), lengths: new Set() },
      form: 'object',
      plans: {
        ofSecrets: { kind: 'known', managedFields: 'cut' },
        ofOthers: { kind: 'known', managedFields: 'cut' },
      },
      wipeChunks: false,
      checking: 'strict',
      batchFeed: undefined,
      maxObjectBytes: 16 * 1024 * 1024,
      kernel: 'wasm',
      objects: 'own',
    });
  });

  it('names all that is wrong at once', () => {
    const options = {
      apiVersion: '',
      kind: 'a"b',
      readAnnotations: ['é'],
      maxObjectBytes: 0.5,
      kernel: 'asm',
      form: 'table',
      redact: ['.spec', '.kind'],
      prune: ['spec'],
    } as unknown as ScannerOptions;

    expect(() => resolveScannerOptions(options)).toThrow(
      'apiVersion, kind, readAnnotations, maxObjectBytes, kernel, form, redact, prune',
    );
  });
});
