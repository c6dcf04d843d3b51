/** `tsc --build` leaves what it made of a source that is gone; it would be packed. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Removes from a lib's `dist` what no source in its `src` stands for; names what it removed. */
export function removeStaleOutput(directory: string): readonly string[] {
  const files = readdirSync(join(directory, 'dist'), { recursive: true, encoding: 'utf8' });
  const stale = files.filter((file) => {
    const stem = /^(.*?)(\.d)?\.[jt]s(\.map)?$/.exec(file)?.[1];
    return stem !== undefined && !existsSync(join(directory, 'src', `${stem}.ts`));
  });
  for (const file of stale) rmSync(join(directory, 'dist', file));
  return stale;
}
