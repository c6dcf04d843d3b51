/**
 * What each engine's references may say: the letters that Spinnaker and Armory give its parameters.
 * `secret-reference.ts` holds references to it.
 *
 * @see https://spinnaker.io/docs/reference/secrets/
 * @see https://docs.armory.io/continuous-deployment/armory-admin/secrets/
 */

/** Engines that references may name. */
export type EngineName = 'vault' | 'k8s' | 's3' | 'gcs' | 'secrets-manager' | 'file' | 'env';

/** One parameter. */
export interface EngineParameter {
  /** What it is, in words for messages. */
  readonly means: string;
  /** Whether a reference must have it. */
  readonly isRequired: boolean;
  /** Whether only references to values may have it: the whole of what is there is the file. */
  readonly isOfValuesOnly?: boolean;
  /** Texts that it may hold. @defaultValue any */
  readonly oneOf?: readonly string[];
}

/** Parameters by their letters. */
export type EngineParameters = Readonly<Record<string, EngineParameter>>;

const required = (means: string): EngineParameter => ({ means, isRequired: true });
const optional = (means: string): EngineParameter => ({ means, isRequired: false });

const storage = {
  b: required('the bucket'),
  f: required('the path of the file in the bucket'),
  k: optional('the key in the file, a YAML document'),
};

/** Every engine's parameters. */
export const engineParameters: Readonly<Record<EngineName, EngineParameters>> = {
  vault: {
    e: required("the secret engine's mount"),
    p: required('the path of the secret'),
    k: required('the key'),
    n: optional('the namespace'),
    b: { ...optional('whether the value is base64'), oneOf: ['true', 'false'] },
  },
  k8s: {
    n: required('the name of the Secret'),
    k: required('the key in its data'),
    ns: optional('the namespace'),
  },
  s3: { r: required('the region'), ...storage },
  gcs: storage,
  'secrets-manager': {
    r: required('the region'),
    s: required('the name of the secret'),
    k: { ...optional('the key in the secret, a JSON document'), isOfValuesOnly: true },
  },
  file: {
    p: required('the path'),
    k: optional('the key in the file, a YAML document'),
  },
  env: { n: required('the name of the variable') },
};

/** Every engine. */
export const engineNames = Object.keys(engineParameters) as readonly EngineName[];
