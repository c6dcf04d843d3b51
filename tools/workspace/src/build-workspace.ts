/** Generates and builds what the programs run from; quick when nothing changed. */
import { spawnSync } from 'node:child_process';

/** Builds, or ends the process with the build's own words. */
export function buildWorkspace(): void {
  console.log('Building (generated code, then every room) ...');
  const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };
  for (const [command, ...args] of [
    ['nx', 'run-many', '-t', 'generate'],
    ['tsc', '--build', 'tsconfig.build.json'],
  ] as const) {
    const { status, stdout } = spawnSync(command, args, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (status === 0) continue;
    console.error(stdout);
    console.error(`${command} ${args.join(' ')} failed`);
    process.exit(1);
  }
}
