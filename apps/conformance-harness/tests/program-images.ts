/** What stands for the images of the programs in pods: the programs as they are built here. */
import { fileURLToPath } from 'node:url';
import { type PodImage } from '@fairlead/testbed';

const repository = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
/** Name of the image, without registry and tag, to the program that it holds. */
const programs: Readonly<Record<string, string>> = {
  'fairlead/agent': 'apps/agent/bin/fairlead-agent.mjs',
  'fairlead/bridge': 'apps/clouddriver-bridge/bin/fairlead-bridge.mjs',
};

/** The image of a container, by the name that a chart gives it. */
export function programImage(image: string): PodImage | undefined {
  const program = programs[image.replace(/[:@].*$/, '')];
  if (program === undefined) return undefined;
  return {
    entrypoint: [
      ...['/srv/node', '--disable-warning=ExperimentalWarning'],
      `/srv/fairlead/${program}`,
    ],
    env: { PATH: '/usr/bin:/bin', NODE_ENV: 'production' },
    user: { uid: 65532, gid: 65532 },
    // Not under their own paths: a clone may be in /tmp, which pods have of their own.
    files: { kind: 'host', paths: { '/srv/fairlead': repository, '/srv/node': process.execPath } },
  };
}
