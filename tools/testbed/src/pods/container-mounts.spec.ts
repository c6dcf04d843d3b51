import { containerMounts } from './container-mounts.ts';
import type { VolumeMount } from './pod-spec.ts';
import { aPod } from './testing.ts';

const pod = aPod({
  volumes: [
    { name: 'config', configMap: { name: 'settings' } },
    { name: 'scratch', emptyDir: {} },
    { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
  ],
});

function mountsOf(...volumeMounts: readonly VolumeMount[]) {
  return containerMounts(
    { name: 'app', image: 'app', volumeMounts },
    {
      pod,
      env: { POD: 'web-1' },
      folderOf: (volume) => `/volumes/${volume}`,
      resolvePath: (path) => Promise.resolve(path.replace('/color', '/..v1/color')),
    },
  );
}

describe(containerMounts, () => {
  it('mounts what comes from the cluster read only, and the rest as it is wanted', async () => {
    const mounts = await mountsOf(
      { name: 'config', mountPath: '/etc/app/' },
      { name: 'scratch', mountPath: '/tmp' },
      { name: 'data', mountPath: '/data', readOnly: true },
    );

    expect(mounts).toEqual([
      { source: '/volumes/config', target: '/etc/app', isReadOnly: true },
      { source: '/volumes/scratch', target: '/tmp', isReadOnly: false },
      { source: '/volumes/data', target: '/data', isReadOnly: true },
    ]);
  });

  it('pins what a sub-path names', async () => {
    const mounts = await mountsOf(
      { name: 'config', mountPath: '/color', subPath: 'color' },
      { name: 'data', mountPath: '/data', subPathExpr: '$(POD)' },
    );

    expect(mounts.map(({ source }) => source)).toEqual([
      '/volumes/config/..v1/color',
      '/volumes/data/web-1',
    ]);
  });

  it('knows its volumes', async () => {
    await expect(mountsOf({ name: 'gone', mountPath: '/x' })).rejects.toThrow('no volume "gone"');
  });
});
