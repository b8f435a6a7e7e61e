import { fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { TrafficExtensionSchema } from "../../../src/wire/gen/current/extensions/v1alpha1/traffic_extension_pb.ts";
import { pluginUrl, resource, VARIANTS } from "../pool.ts";
import { plugins } from "./kinds.ts";

const SUFFIX = "~istio-translated-wasmplugin";
const TYPE = "type.googleapis.com/istio.extensions.v1alpha1.TrafficExtension";

export function translatedName(plugin: string): string {
  return `${plugin}${SUFFIX}`;
}

/** What a plugin's translation counts as here: who reckons what is due can't know the version that it gets. */
export function translatedVersion(plugin: string): string {
  return `of ${plugin}`;
}

export function isTranslated(name: string): boolean {
  return name.endsWith(SUFFIX);
}

/** The versions of translations, learned from what is sent: each stands for one version of a plugin, on every server. */
export class Translations {
  readonly #meant = new Map<string, string>();
  readonly #sent = new Map<string, string>();

  /** What a translation that was sent stands for; `undefined` when it is not what the plugin says. */
  learn(name: string, version: string, body: Any): string | undefined {
    const plugin = pluginOf(name, body);
    if (plugin === undefined) return undefined;
    const meant = translatedVersion(plugin);
    const [key, back] = [`${name} ${version}`, `${name} ${meant}`];
    if ((this.#meant.get(key) ?? meant) !== meant || (this.#sent.get(back) ?? version) !== version) return undefined;
    this.#meant.set(key, meant);
    this.#sent.set(back, version);
    return meant;
  }

  /** The version that was sent for what it stands for. */
  sent(name: string, meant: string): string {
    return this.#sent.get(`${name} ${meant}`) ?? meant;
  }
}

/** The version of the plugin that a translation's body says the same as. */
function pluginOf(name: string, body: Any): string | undefined {
  if (body.typeUrl !== TYPE) return undefined;
  const { filterConfig } = fromBinary(TrafficExtensionSchema, body.value);
  const index = Number(/^ns\/n(\d+)~/.exec(name)?.[1]);
  for (let variant = 0; variant < VARIANTS; variant++) {
    if (filterConfig.case !== "wasm" || filterConfig.value.url !== pluginUrl(variant)) continue;
    return resource(plugins, index, variant).version;
  }
  return undefined;
}
