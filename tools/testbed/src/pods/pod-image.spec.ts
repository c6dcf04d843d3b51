import { containerCommand, containerUser, type PodImage } from './pod-image.ts';
import { aPod } from './testing.ts';

const image: PodImage = {
  entrypoint: ['/bin/app', '$(A)'],
  cmd: ['--default'],
  user: { uid: 65532, gid: 65531 },
  files: { kind: 'host', paths: {} },
};
const container = { name: 'app', image: 'app' };
const env = { A: 'one' };

describe(containerCommand, () => {
  it.each([
    ['nothing', {}, ['/bin/app', '$(A)', '--default']],
    ['args', { args: ['$(A)'] }, ['/bin/app', '$(A)', 'one']],
    ['a command', { command: ['/bin/other', '$(A)'] }, ['/bin/other', 'one']],
    ['both', { command: ['/bin/other'], args: ['x'] }, ['/bin/other', 'x']],
  ])('with %s of its own', (_, own, words) => {
    expect(containerCommand({ ...container, ...own }, image, env)).toEqual(words);
  });
});

describe(containerUser, () => {
  it("takes the container's word, else the pod's, else the image's", () => {
    const pod = aPod({ securityContext: { runAsUser: 7, fsGroup: 9, supplementalGroups: [8] } });
    const own = { ...container, securityContext: { runAsUser: 6, runAsGroup: 5 } };

    expect(containerUser(aPod(), container, image)).toEqual({ uid: 65532, gid: 65531, groups: [] });
    expect(containerUser(pod, container, image)).toEqual({ uid: 7, gid: 65531, groups: [8, 9] });
    expect(containerUser(pod, own, image)).toEqual({ uid: 6, gid: 5, groups: [8, 9] });
  });

  it('is not root where that is forbidden', () => {
    const pod = aPod({ securityContext: { runAsNonRoot: true } });
    const { user: _, ...rootImage } = image;

    expect(() => containerUser(pod, container, rootImage)).toThrow('would run as root');
  });
});
