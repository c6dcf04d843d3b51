import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAtomicFolder } from './node-atomic-folder.ts';

const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text), mode: 0o640 });
/** Only root may give files away, and to itself they belong already. */
const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;

describeAsRoot(writeAtomicFolder, () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'fairlead-atomic-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  const visible = async () => (await readdir(path)).filter((name) => !name.startsWith('..')).sort();

  it('shows files through two links', async () => {
    await writeAtomicFolder({ path, files: [file('a', '1'), file('deep/b', '2')] });

    expect(await visible()).toEqual(['a', 'deep']);
    expect(await readlink(join(path, 'a'))).toBe('..data/a');
    expect(await readFile(join(path, 'deep', 'b'), 'utf8')).toBe('2');
    expect((await lstat(join(path, '..data'))).isSymbolicLink()).toBe(true);
    expect((await stat(join(path, 'a'))).mode & 0o777).toBe(0o640);
  });

  it('swaps all of them at once, and leaves no older version behind', async () => {
    await writeAtomicFolder({ path, files: [file('a', '1'), file('b', '2')] });
    const former = await readlink(join(path, '..data'));
    const link = await lstat(join(path, 'a'));
    await writeAtomicFolder({ path, files: [file('a', 'one'), file('c', '3')] });

    expect(await visible()).toEqual(['a', 'c']);
    expect(await readFile(join(path, 'a'), 'utf8')).toBe('one');
    // The name itself is never touched: watchers of it see nothing but the link's target move.
    expect((await lstat(join(path, 'a'))).ino).toBe(link.ino);
    expect(await readdir(path)).not.toContain(former);
    expect((await readdir(path)).filter((name) => name.startsWith('..'))).toHaveLength(2);
  });

  it("lets a group read what is only its owner's", async () => {
    const own = { ...file('a', '1'), mode: 0o600, uid: 65532 };
    await writeAtomicFolder({ path, files: [own], group: 7 });

    const { mode, uid, gid } = await stat(join(path, 'a'));
    expect([mode & 0o777, uid, gid]).toEqual([0o640, 65532, 7]);
  });
});
