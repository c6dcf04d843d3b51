/**
 * Follows a configuration while the program runs: a valid new one is handed over, an invalid one
 * changes nothing and is reported until it is mended.
 */
import type { output, ZodType } from 'zod';
import type { ConfigDefinition } from './config.ts';
import type { ConfigProblem } from './config-problem.ts';
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
  const reload = async (): Promise<void> => {
    const { result } = await loadConfig(options.definition, options.sources);
    if (result.kind === 'invalid') options.onInvalid(result.problems);
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
