import { containerScript, type ContainerPlan } from './container-script.ts';

const plan: ContainerPlan = {
  folder: '/run/pod/root',
  files: { kind: 'host', paths: { '/srv/app': '/home/me/app' } },
  mounts: [
    { source: '/v/inner', target: '/opt/app/config', isReadOnly: true },
    { source: '/v/outer', target: '/opt/app', isReadOnly: false },
  ],
  isRootReadOnly: true,
  user: { uid: 65532, gid: 65532, groups: [7, 8] },
  command: ['/bin/app', "--name=it's"],
};

describe(containerScript, () => {
  const lines = containerScript(plan).split('\n');
  const indexOf = (start: string) => lines.findIndex((line) => line.startsWith(start));

  it('mounts outer folders before what lies in them, and seals what is read only at last', () => {
    const outer = indexOf(`bind '/v/outer' "$root"'/opt/app'`);
    const inner = indexOf(`bind '/v/inner' "$root"'/opt/app/config'`);
    const sealed = indexOf(`seal "$root"'/opt/app/config'`);

    expect(outer).toBeGreaterThan(0);
    expect(inner).toBeGreaterThan(outer);
    expect(sealed).toBeGreaterThan(inner);
    expect(indexOf(`seal "$root"'/opt/app'`)).toBe(-1);
    expect(lines.at(-2)).toBe('seal "$root"');
  });

  it('shows files of this machine where they are wanted', () => {
    expect(indexOf(`adopt '/home/me/app' "$root"'/srv/app'`)).toBeGreaterThan(0);
  });

  it('becomes the program as its user, with nothing left of root', () => {
    expect(lines.at(-1)).toBe(
      'unset PWD; PATH=$own; exec "$setpriv" --no-new-privs --inh-caps=-all ' +
        '--bounding-set=-all,+sys_chroot,+setuid,+setgid ' +
        `"$chroot" --userspec=65532:65532 --groups=7,8 "$root" '/bin/app' '--name=it'\\''s'`,
    );
  });

  it('lays a writable layer over a root file system', () => {
    const script = containerScript({
      ...plan,
      files: { kind: 'root', path: '/images/agent' },
      isRootReadOnly: false,
    });

    expect(script).toContain(`lowerdir='/images/agent',upperdir=`);
    expect(script).not.toContain('seal "$root"\n');
  });
});
