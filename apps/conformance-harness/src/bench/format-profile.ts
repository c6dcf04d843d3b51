/** A profile's summary as a table for people. Pure. */
import { type ProfileSummary, type TimeShare } from './cpu-profile.ts';

const maxRooms = 16;
const maxFunctions = 24;

/** Two tables: by room and by function; `count` is what the time is divided by. */
export function formatProfile(
  title: string,
  {
    summary,
    count,
    unit,
  }: {
    readonly summary: ProfileSummary;
    readonly count: number;
    readonly unit: string;
  },
): string {
  const { busyMilliseconds } = summary;
  const rows = (shares: readonly TimeShare[], max: number): readonly string[] =>
    shares.slice(0, max).map(({ name, milliseconds }) => {
      const percent = `${((milliseconds / busyMilliseconds) * 100).toFixed(1)} %`;
      const each = ((milliseconds * 1_000) / count).toFixed(2);
      return `  ${percent.padStart(7)} ${each.padStart(7)} us/${unit}  ${name}`;
    });
  const each = ((busyMilliseconds * 1_000) / count).toFixed(1);
  return [
    `${title}: ${busyMilliseconds.toFixed(0)} ms of the main thread, ${each} us/${unit}`,
    ...rows(summary.rooms, maxRooms),
    '  by function:',
    ...rows(summary.functions, maxFunctions),
  ].join('\n');
}
