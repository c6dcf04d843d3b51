import { packageFolders } from './bundled-packages.ts';

describe(packageFolders, () => {
  it('names the innermost package of each module once, sorted', () => {
    const modules = [
      'node_modules/pino/lib/tools.js',
      'node_modules/@grpc/grpc-js/build/src/index.js',
      'node_modules/pino/pino.js',
      'node_modules/a/node_modules/@b/c/dist/index.js',
    ];

    expect(packageFolders(modules)).toEqual([
      'node_modules/@grpc/grpc-js',
      'node_modules/a/node_modules/@b/c',
      'node_modules/pino',
    ]);
  });

  it('takes a source of the workspace for its room', () => {
    expect(packageFolders(['libs/protocol/src/gen/link.ts', 'apps/agent/src/main.ts'])).toEqual([
      'apps/agent',
      'libs/protocol',
    ]);
  });
});
