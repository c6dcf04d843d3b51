/** `bench watch --profile`: one run of the agent under Node's profiler, and where its time went. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CpuProfile, summarizeProfile } from '../bench/cpu-profile.ts';
import { formatProfile } from '../bench/format-profile.ts';
import { agentContestant } from './agent-contestant.ts';
import { startClusterServer } from './cluster-server.ts';
import { watchSize as size } from './watch-bench.ts';
import { measuredFleet, runWatch, warmUpFleet, warmUpSize } from './watch-run.ts';

/** Microseconds between samples: finer costs more than it tells. */
const sampleIntervalMicros = 250;

/** Profiles the agent at full load; returns what to print. The `.cpuprofile` stays in `folder`. */
export async function profileWatch(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await using server = await startClusterServer({
    [warmUpFleet]: { podsPerCluster: warmUpSize.objects },
    [measuredFleet]: { podsPerCluster: size.objects },
  });
  const agent = agentContestant('agent with link', {
    nodeArgs: [
      ...['--cpu-prof', `--cpu-prof-dir=${resolve(folder)}`],
      ...['--cpu-prof-interval', String(sampleIntervalMicros)],
    ],
  });
  const { moments, resident, peakRssMiB } = await runWatch(agent, server, size);
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`no profile was written to ${folder}`);
  const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
  const list = summarizeProfile(profile, { from: moments.begun, to: moments.listed });
  const watch = summarizeProfile(profile, { from: moments.listed, to: moments.ended });
  return [
    formatProfile('list', { summary: list, count: size.objects, unit: 'object' }),
    formatProfile('watch', { summary: watch, count: size.events, unit: 'event' }),
    `resident at the end, MiB: ${formatResident(resident)}; peak ${peakRssMiB.toFixed(0)}`,
    `written: ${join(folder, file)}\n`,
  ].join('\n');
}

function formatResident(resident: Readonly<Record<string, number>>): string {
  return Object.entries(resident)
    .map(([kind, bytes]) => `${kind} ${(bytes / 2 ** 20).toFixed(0)}`)
    .join(', ');
}
