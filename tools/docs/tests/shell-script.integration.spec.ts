// The script of a page, run by the real bash.
import { spawnSync } from 'node:child_process';
import { readMarkdownPage } from '../src/markdown-page.ts';
import { shellScript } from '../src/shell-script.ts';

function runPage(text: string): { readonly code: number | null; readonly output: string } {
  const script = shellScript('page.md', readMarkdownPage(text).shellBlocks) ?? '';
  const { status, stdout } = spawnSync('bash', ['-s'], { input: script, encoding: 'utf8' });
  return { code: status, output: stdout };
}

/** Ends in order on Ctrl-C, as a server does. */
const server = `(trap 'echo stopped >&3; exit 0' INT; echo up; while :; do sleep 0.05; done) 3>&1`;

describe(shellScript, () => {
  it('runs blocks one after the other in one shell', () => {
    const page = '```sh\nword="it\'s"\n```\n\ntext\n\n```sh\necho "$word here"\n```\n';

    expect(runPage(page)).toEqual({
      code: 0,
      output: "== page.md:1\n== page.md:7\nit's here\n",
    });
  });

  it('stops at the first command that fails, and says where', () => {
    const page = '```sh\ntrue\n```\n\n```sh\nfalse\necho later\n```\n\n```sh\necho after\n```\n';

    expect(runPage(page)).toEqual({
      code: 1,
      output: '== page.md:1\n== page.md:5\nFAILED at page.md:5\n',
    });
  });

  it('keeps what is in the background until the page is done', () => {
    const page = `\`\`\`sh background until="^up$"\n${server}\n\`\`\`\n\n\`\`\`sh\nkill -0 "\${background[0]}"\n\`\`\`\n`;

    expect(runPage(page).code).toBe(0);
  });

  it('interrupts what does not end by itself, and wants it to end in order', () => {
    const orderly = `\`\`\`sh until="up"\n${server}\n\`\`\`\n`;
    const failing = orderly.replace('exit 0', 'exit 3');

    expect(runPage(orderly).code).toBe(0);
    expect(runPage(failing).code).toBe(1);
  });

  it('fails when what was to stay ends before it has printed what it should', () => {
    const { code, output } = runPage('```sh background until="up"\necho down\n```\n');

    expect(code).toBe(1);
    expect(output).toContain('down\nended before it printed: up\nFAILED at page.md:1\n');
  });

  it('has nothing to run when all of a page is run elsewhere', () => {
    const { shellBlocks } = readMarkdownPage('```sh elsewhere="a cloud"\nrm -rf /\n```\n');

    expect(shellScript('page.md', shellBlocks)).toBeUndefined();
  });
});
