/** What is in the images, what they say of themselves, and that nothing more is in them. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isUnavailable } from '@fairlead/testbed';
import { imagePrograms, type ImageName } from '../src/image-programs.ts';
import type { SpdxDocument } from '../src/spdx-document.ts';
import { buildImages, evaluate, version, type BuiltImages } from './built-images.ts';
import { listImageFiles, readJson, sizeOf, type ImageFile } from './image-files.ts';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly dev?: boolean }>
  >;
}

const root = resolve(__dirname, '../../..');
const names = Object.keys(imagePrograms) as ImageName[];
const megabyte = 1_000_000;
/** Nothing may run a command line in them, fetch, or install. */
const unwanted = /^(sh|bash|dash|busybox|env|apt|apt-get|dpkg|npm|npx|corepack|perl|curl|wget)$/;
const library = /^\/lib(64)?\/([\w-]+\/)?(ld-linux[\w.-]*|lib[\w+-]+)\.so[\d.]*$/;

(isUnavailable('images') ? describe.skip : describe)('the images', () => {
  let images: BuiltImages;
  beforeAll(async () => {
    images = await buildImages();
  }, 900_000);

  it.each([
    ['agent', 120],
    ['bridge', 125],
    ['conformance', 125],
  ] as const)('%s is below %d MB uncompressed', (name, limit) => {
    expect(sizeOf(listImageFiles(images[name].root)) / megabyte).toBeLessThan(limit);
  });

  describe.each(names)('%s', (name) => {
    let files: readonly ImageFile[];
    let sbom: SpdxDocument;
    const { command, room } = imagePrograms[name];
    const paths = () => files.map(({ path }) => path);
    beforeAll(() => {
      files = listImageFiles(images[name].root);
      sbom = readJson(images[name].root, 'usr/share/doc/fairlead/sbom.spdx.json') as SpdxDocument;
    });

    it('runs its program under an init, as a user by number, in a folder of that user', () => {
      expect(images[name].config).toMatchObject({
        User: '65532:65532',
        WorkingDir: '/var/lib/fairlead',
        Entrypoint: ['/usr/bin/tini', '--', command],
      });
      expect(images[name].config.Cmd ?? []).toEqual([]);
      const data = files.find(({ path }) => path === '/var/lib/fairlead')!.stats;
      expect([data.uid, data.gid, (data.mode & 0o7777).toString(8)]).toEqual([65532, 65532, '755']);
    });

    it('says what it is', () => {
      expect(images[name].config.Labels).toMatchObject({
        'org.opencontainers.image.title': expect.stringMatching(/^Fairlead /),
        'org.opencontainers.image.description': expect.stringMatching(/\.$/),
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      });
    });

    it('has no program but its own, Node.js and the init; no shell, no package manager', () => {
      const executable = files.filter(({ stats }) => stats.isFile() && stats.mode & 0o111);
      const programs = executable.map(({ path }) => path).filter((path) => !library.test(path));

      expect(programs.sort()).toEqual([
        '/usr/bin/tini',
        `/usr/lib/fairlead/${name}/dist/main.js`,
        '/usr/local/bin/node',
      ]);
      const named = files.filter(({ stats }) => !stats.isDirectory()).map(({ path }) => path);
      expect(named.filter((path) => unwanted.test(path.split('/').at(-1)!))).toEqual([]);
    });

    it('has no sources, source maps, tests or unbundled packages', () => {
      const left = /\.(ts|map|tsbuildinfo)$|\.spec\.|node_modules|\/tests?(\/|$)/;

      expect(paths().filter((path) => left.test(path))).toEqual([]);
    });

    it('can be changed by nobody but in its folder and in /tmp', () => {
      const others = files.filter(({ stats }) => stats.uid !== 0 || stats.gid !== 0);
      const isOpen = ({ stats }: ImageFile) => !stats.isSymbolicLink() && stats.mode & 0o022;
      const raised = files.filter(({ stats }) => stats.isFile() && stats.mode & 0o6000);

      expect(others.map(({ path }) => path)).toEqual(['/var/lib/fairlead']);
      expect(files.filter(isOpen).map(({ path }) => path)).toEqual(['/tmp']);
      expect(raised).toEqual([]);
    });

    it('lists each bundled package as the lock file has it, none of them for development', () => {
      const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
      const shipped = new Set(
        Object.entries(lock.packages)
          .filter(([path, { dev }]) => path !== '' && dev !== true)
          .map(
            ([path, { version: locked = '' }]) =>
              `${path.split('node_modules/').at(-1)!} ${locked}`,
          ),
      );
      const listed = sbom.packages
        .filter(({ SPDXID, name: one }) => SPDXID.includes('-npm-') && !/^@?fairlead/.test(one))
        .map((one) => `${one.name} ${one.versionInfo}`);

      expect(listed.length).toBeGreaterThan(20);
      expect(listed.filter((one) => !shipped.has(one))).toEqual([]);
    });

    it('lists what the program depends on, Node.js, and every package of the system', () => {
      const { dependencies } = readJson(root, `${room}/package.json`) as {
        dependencies: Record<string, string>;
      };
      const system = paths().filter((path) => path.startsWith('/var/lib/dpkg/status.d/'));
      const listed = sbom.packages.map((one) => one.name);

      // What only the benchmarks' own processes load is not in the harness's bundle.
      const isBundled = (one: string) => name !== 'conformance' || listed.includes(one);
      expect(listed).toEqual(expect.arrayContaining(Object.keys(dependencies).filter(isBundled)));
      expect(listed).toEqual(expect.arrayContaining(system.map((path) => path.split('/').at(-1))));
      expect(system.map((path) => path.split('/').at(-1))).toEqual(
        expect.arrayContaining(['ca-certificates', 'libc6', 'libstdc++6', 'tini']),
      );
      expect(sbom.packages.find((one) => one.name === 'node')?.versionInfo).toBe(
        process.versions.node,
      );
    });

    it('has the licence of every package that it lists', () => {
      const read = (path: string) => readFileSync(join(images[name].root, path), 'utf8');
      const notices = read('usr/share/doc/fairlead/licenses.txt');
      const bundled = sbom.packages.filter(({ SPDXID }) => SPDXID.includes('-npm-')).slice(1);

      for (const one of bundled) expect(notices).toContain(`${one.name} ${one.versionInfo} (`);
      expect(paths()).toContain('/usr/share/doc/libc6/copyright');
    });

    it('has every part of the program that is loaded only when needed', async () => {
      const parts = paths().filter((path) => /\/dist\/(?!main\.js)[^/]+\.js$/.test(path));

      const script = `for (const part of ${JSON.stringify(parts)}) await import(part);`;
      const { reason, output } = await evaluate(images[name], script);

      expect(parts.length).toBeGreaterThan(1);
      expect({ reason, output }).toEqual({ reason: 'exit code 0', output: '' });
    });
  });
});
