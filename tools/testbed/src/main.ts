/**
 * The testbed for people: `up`, `status`, `down` a real API server in the background, and `build`
 * its programs beforehand. Run `node tools/testbed/src/main.ts --help`.
 */
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { findAws } from './aws-server.ts';
import { findCloudStorage } from './cloud-storage-server.ts';
import { findCrds } from './crd-files.ts';
import { findHelm } from './helm-binary.ts';
import { findProxy } from './proxy-binary.ts';
import { findClusterBinaries, findKubeBinaries, findKubectl } from './kube-binaries.ts';
import { connectKube } from './kube-server.ts';
import { printProgress } from './print-progress.ts';
import {
  findStandingKube,
  keepStandingKube,
  lowerStandingKube,
  raiseStandingKube,
  type StandingKube,
} from './standing-kube.ts';
import { findVault } from './vault-server.ts';
import { TestbedError } from './testbed-error.ts';

const environment = process.env;
const program = new Command('testbed').description('Real servers on loopback.');

program
  .command('up')
  .description('start a kube-apiserver in the background')
  .argument('[flags...]', 'more flags for kube-apiserver, after --')
  .action(async (flags: string[]) => {
    const already = findStandingKube(environment);
    if (already) {
      console.log('already up');
      await printUsage(already);
      return;
    }
    await build();
    const keeper = [fileURLToPath(import.meta.url), 'keep', '--', ...flags];
    await printUsage(await raiseStandingKube(keeper, environment));
  });

program
  .command('down')
  .description('stop it and remove its data')
  .action(async () => {
    console.log((await lowerStandingKube(environment)) ? 'stopped and removed' : 'it is not up');
  });

program
  .command('status')
  .description('say whether it is up, and answers')
  .action(async () => {
    const standing = findStandingKube(environment);
    if (!standing) {
      console.log('not up');
      return;
    }
    const kube = await connectKube(standing.kubeconfigPath);
    const ready = await kube.request({ path: '/readyz' });
    console.log(`up, keeper process ${String(standing.keeperPid)}, readyz: ${String(ready.body)}`);
    await printUsage(standing);
  });

program
  .command('build')
  .description('build kube-apiserver and etcd into the cache, and find or build kubectl')
  .option(
    '--all',
    'kube-controller-manager, the stand-in node, Helm, Caddy, custom resource definitions, Vault and the clouds as well',
  )
  .action(async (options: { all?: boolean }) => {
    await build();
    if (options.all) await buildRest();
  });

program
  .command('keep', { hidden: true })
  .argument('[flags...]')
  .action((flags: string[]) => keepStandingKube(flags, environment));

async function build(): Promise<void> {
  const progress = printProgress(process.stderr);
  const binaries = await findKubeBinaries({ onProgress: progress.show });
  await findKubectl({ onProgress: progress.show });
  progress.end();
  console.log(`kube-apiserver ${binaries.version}: ${binaries.kubeApiServer}`);
}

async function buildRest(): Promise<void> {
  const progress = printProgress(process.stderr);
  const cluster = await findClusterBinaries({ onProgress: progress.show });
  const helm = await findHelm({ onProgress: progress.show });
  const proxy = await findProxy({ onProgress: progress.show });
  const crds = await findCrds({ onProgress: progress.show });
  const vault = await findVault({ onProgress: progress.show });
  const storage = await findCloudStorage({ onProgress: progress.show });
  const aws = await findAws({ onProgress: progress.show });
  progress.end();
  console.log(`kube-controller-manager: ${cluster.kubeControllerManager}`);
  console.log(`Helm: ${helm}`);
  console.log(`Caddy: ${proxy}`);
  console.log(`custom resource definitions: ${crds}`);
  console.log(`Vault: ${vault}`);
  console.log(`Cloud Storage: ${storage}`);
  console.log(`AWS: ${aws}`);
}

async function printUsage(standing: StandingKube): Promise<void> {
  console.log(`kubeconfig: ${standing.kubeconfigPath}`);
  console.log(`KUBECONFIG=${standing.kubeconfigPath} ${await findKubectl()} get ns`);
}

try {
  await program.parseAsync();
} catch (error: unknown) {
  console.error(TestbedError.from(error, 'startFailed').message);
  process.exitCode = 1;
}
