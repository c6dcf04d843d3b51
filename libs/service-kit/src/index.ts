/** Door of service-kit: what every Fairlead process needs around its own work. */
export { createBackoff } from './backoff.ts';
export type { Backoff, BackoffOptions, Random } from './backoff.ts';
export { byteSizeSchema, parseByteSize } from './byte-size.ts';
export { readConfig } from './config.ts';
export type { ConfigDefinition, ConfigResult, ConfigText } from './config.ts';
export type { Environment } from './config-environment.ts';
export type { UnneededKeys } from './config-keys.ts';
export { ConfigError, formatConfigProblem } from './config-problem.ts';
export type { ConfigProblem } from './config-problem.ts';
export type { ConfigPosition } from './config-tree.ts';
export { crossCheck } from './cross-check.ts';
export type { CrossCheckedValue, CrossProblem, Unchecked } from './cross-check.ts';
export { HealthRegistry, healthRoutes } from './health.ts';
export type { ConditionImpact, ConditionReport, HealthCondition, HealthPaths } from './health.ts';
export { jsonReply, startHttpServer } from './http-server.ts';
export type { HttpReply, HttpRoute, HttpServerOptions, RunningHttpServer } from './http-server.ts';
export { createLogger, logLevelSchema } from './logger.ts';
export type { Logger, LoggerOptions, LogLevel } from './logger.ts';
export { createMetricsRegistry, metricsRoutes } from './metrics.ts';
export type { MetricsRegistryOptions } from './metrics.ts';
export { compileNameGlob, compileNameGlobs } from './name-glob.ts';
export { nearestName } from './nearest-name.ts';
export { nodeClock, nodeRandom, nodeTimers } from './node-clock.ts';
export type { Clock } from './node-clock.ts';
export { loadConfig } from './node-config-files.ts';
export type { ConfigSources, LoadedConfig } from './node-config-files.ts';
export { watchConfig } from './node-config-watcher.ts';
export type { WatchConfigOptions } from './node-config-watcher.ts';
export { watchFiles } from './node-file-watcher.ts';
export type { FileWatch, WatchFilesOptions } from './node-file-watcher.ts';
export { boundOldGeneration } from './node-old-generation.ts';
export { boundYoungGeneration } from './node-young-generation.ts';
export { checkConfig, parseServiceArguments } from './service-cli.ts';
export type { CliRequest, ProgramDescription } from './service-cli.ts';
export { runService } from './service-lifecycle.ts';
export type {
  Lifecycle,
  LifecycleLog,
  ProcessEvents,
  RunServiceOptions,
} from './service-lifecycle.ts';
