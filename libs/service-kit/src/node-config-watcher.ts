/**
 * Follows a configuration while the program runs: a valid new one is handed over, an invalid one
 * changes nothing and is reported until it is mended.
 */
import type { output, ZodType } from 'zod';
import type { ConfigDefinition } from './config.ts';
import { problemAt, type ConfigProblem } from './config-problem.ts';
import { loadConfig, type ConfigSources, type LoadedConfig } from './node-config-files.ts';
import { watchFiles, type FileWatch, type WatchFilesOptions } from './node-file-watcher.ts';

/** Options of {@link watchConfig}. */
export interface WatchConfigOptions<Schema extends ZodType> extends Pick<
  WatchFilesOptions,
  'debounceMs' | 'pollMs' | 'onError'
> {
  /** What the app states about its configuration. */
  readonly definition: ConfigDefinition<Schema>;
  /** Where it comes from. */
  readonly sources: ConfigSources;
  /** A valid configuration after a change; `problems` are its warnings. */
  readonly onConfig: (
    config: output<Schema>,
    problems: readonly ConfigProblem[],
  ) => Promise<void> | void;
  /** The files changed and are wrong now; the running configuration stays. */
  readonly onInvalid: (problems: readonly ConfigProblem[]) => void;
}

/** Starts following the files of `loaded`, the configuration the program started with. */
export async function watchConfig<Schema extends ZodType>(
  loaded: LoadedConfig<output<Schema>>,
  options: WatchConfigOptions<Schema>,
): Promise<FileWatch> {
  const filled = new Set<string>();
  noteFilled(filled, loaded);
  const reload = async (): Promise<void> => {
    const next = await loadConfig(options.definition, options.sources);
    const { result } = next;
    const lost = problemsOfLostContent(filled, next);
    noteFilled(filled, next);
    if (lost.length > 0) options.onInvalid([...lost, ...result.problems]);
    else if (result.kind === 'invalid') options.onInvalid(result.problems);
    else await options.onConfig(result.config, result.problems);
  };
  const { debounceMs, pollMs, onError } = options;
  return watchFiles({
    files: loaded.filesToWatch,
    onChange: reload,
    ...(debounceMs === undefined ? {} : { debounceMs }),
    ...(pollMs === undefined ? {} : { pollMs }),
    ...(onError === undefined ? {} : { onError }),
  });
}

function noteFilled(filled: Set<string>, { filesRead, emptyFiles }: LoadedConfig<unknown>): void {
  for (const file of filesRead) if (!emptyFiles.includes(file)) filled.add(file);
}

/**
 * A full disk, or a writer that has only got as far as to truncate, leaves an empty file: valid by
 * itself, it would take everything away from a running program. So would default files that are all
 * gone. (A named file that is gone is a problem in any case.)
 */
function problemsOfLostContent(
  filled: ReadonlySet<string>,
  { filesRead, emptyFiles }: LoadedConfig<unknown>,
): ConfigProblem[] {
  const emptied = emptyFiles.filter((file) => filled.has(file));
  const gone = filesRead.length === 0 ? [...filled] : [];
  const say = (message: string) => (source: string) =>
    problemAt({ source, line: 0, column: 0 }, [], message);
  return [
    ...emptied.map(say('is empty, and was not before; {} says that nothing is configured')),
    ...gone.map(say('is gone, and no other configuration file is there')),
  ];
}
