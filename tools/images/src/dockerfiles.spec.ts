import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { imagePrograms, type ImageName } from './image-programs.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const names = Object.keys(imagePrograms) as ImageName[];
const dockerfile = (name: ImageName) => read(`docker/${name}.Dockerfile`);

/** What comes before the program's own part, without the first lines, which name the image. */
const commonPart = (name: ImageName) =>
  /\nARG NODE_IMAGE=(.*?)\n# Only here\n/s.exec(dockerfile(name))?.[1];

describe('the Dockerfiles', () => {
  it('are the same until the line that says so, and share those layers', () => {
    const [agent, ...others] = names.map(commonPart);

    expect(agent).toMatch(/^node:/);
    expect(others).toEqual([agent, agent]);
  });

  it('build on the Node.js that the workspace is tested with', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { version?: string }>;
    };
    const version = lock.packages['node_modules/node']?.version ?? '';

    expect(commonPart('agent')?.split('\n')[0]).toBe(`node:${version}-bookworm-slim`);
  });

  it.each(names)('%s starts from nothing but that image and scratch', (name) => {
    const bases = [...dockerfile(name).matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);

    expect(new Set(bases)).toEqual(new Set(['${NODE_IMAGE}', 'scratch']));
    expect(bases.at(-1)).toBe('scratch');
  });

  it.each(names)('%s copies only what is there', (name) => {
    const copies = [...dockerfile(name).matchAll(/^COPY (?!--)(\S+) /gm)].map(([, from]) => from!);

    expect(copies).toContain('.');
    for (const from of copies) expect(existsSync(fileURLToPath(new URL(from, root)))).toBe(true);
  });

  it.each(names)('%s runs its program as a user by number', (name) => {
    const lines = dockerfile(name).trim().split('\n');
    const { command } = imagePrograms[name];

    expect(lines.at(-1)).toBe(`ENTRYPOINT ["/usr/bin/tini", "--", "${command}"]`);
    expect(lines).toContain('USER 65532:65532');
  });
});
