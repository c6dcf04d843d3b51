/** A process of its own that prepares a database and ends: many of them start at once. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** One process. */
export interface MigrationProcess {
  /** Resolves when it has loaded its program and is about to begin. */
  readonly isReady: Promise<void>;
  /** Its exit code; `null` if it was killed. */
  readonly code: Promise<number | null>;
  /** Ends it wherever it is. */
  kill(): void;
}

/** Starts one. */
export function startMigration(url: string): MigrationProcess {
  const program = join(__dirname, 'migration-program.ts');
  const flags = ['--conditions=@fairlead/source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, program, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise: isReady, resolve } = Promise.withResolvers<undefined>();
  const code = new Promise<number | null>((end) => {
    child.on('close', (exitCode) => {
      resolve(undefined);
      end(exitCode);
    });
  });
  child.stdout.once('data', () => resolve(undefined));
  return { isReady, code, kill: () => void child.kill('SIGKILL') };
}
