import { readMarkdownPage } from './markdown-page.ts';

describe(readMarkdownPage, () => {
  it('names the anchors of headings as GitHub does, and ids in HTML', () => {
    const { anchors } = readMarkdownPage(
      '# Who gets `in`?\n\n## Twice\n\n## Twice\n\n<a id="here"></a>\n',
    );

    expect([...anchors]).toEqual(['who-gets-in', 'twice', 'twice-1', 'here']);
  });

  it('finds links in paragraphs, lists, tables and images, but not in code', () => {
    const page = readMarkdownPage(
      'See [a](a.md).\n\n- [b](b.md)\n\n| x |\n| - |\n| ![c](c.png) |\n\n`[d](d.md)`\n',
    );

    expect(page.links).toEqual([
      { target: 'a.md', line: 1 },
      { target: 'b.md', line: 3 },
      { target: 'c.png', line: 5 },
    ]);
  });

  it('finds shell blocks with their line and what stands behind the language', () => {
    const page = readMarkdownPage(
      'One\n\n```sh until="up"\nserve\n```\n\n```console\n$ no\n```\n\n- two:\n\n  ```sh\n  ls\n  ```\n',
    );

    expect(page.shellBlocks).toEqual([
      { line: 3, meta: 'until="up"', text: 'serve' },
      { line: 11, meta: '', text: 'ls' },
    ]);
  });

  it('reads the stage from a comment', () => {
    expect(readMarkdownPage('# A\n').stage).toBe('machine');
    expect(readMarkdownPage('# A\n\n<!-- stage: installation -->\n').stage).toBe('installation');
  });
});
