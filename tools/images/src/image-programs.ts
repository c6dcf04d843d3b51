/** The programs that images are made of, by the name of the image. */

/** One program, and where it stands. */
export interface ImageProgram {
  /** Folder of the app, from the root of the workspace. */
  readonly room: string;
  /** The command; its name on PATH in the image. */
  readonly command: string;
}

/** Name of an image, without `fairlead/`. */
export type ImageName = 'agent' | 'bridge' | 'conformance';

/** Every image of the project. */
export const imagePrograms: Readonly<Record<ImageName, ImageProgram>> = {
  agent: { room: 'apps/agent', command: 'fairlead-agent' },
  bridge: { room: 'apps/clouddriver-bridge', command: 'fairlead-bridge' },
  conformance: { room: 'apps/conformance-harness', command: 'fairlead-conformance' },
};

/** True for the name of an image. */
export function isImageName(name: string): name is ImageName {
  return Object.hasOwn(imagePrograms, name);
}
