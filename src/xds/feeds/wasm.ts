import { isPlainObject } from "../../wire/transcode/describe.ts";
import { parseTimestamp } from "../../wire/transcode/timestamp.ts";
import type { CollectionSpec } from "../../model/collections.ts";
import { decodeResource } from "../../model/decode-resource.ts";
import { makeResource } from "../../model/make-resource.ts";
import type { ResourceName } from "../../model/names.ts";
import type { Resource } from "../../model/resource.ts";
import { deltaTo } from "../../snapshot/delta.ts";
import { type Change, Table } from "../../snapshot/table.ts";
import type { RevisionLabels } from "./revision-labels.ts";

/** istiod marks what it translates by itself like this: no Kubernetes object can have such a name. */
const SUFFIX = "~istio-translated-wasmplugin";

/** What a WasmPlugin says of the extension itself; a TrafficExtension has it in `wasm`. */
const moved = [
  "url",
  "sha256",
  "imagePullPolicy",
  "imagePullSecret",
  "pluginConfig",
  "pluginName",
  "failStrategy",
  "vmConfig",
  "type",
];
const kept = ["selector", "targetRefs", "phase", "priority", "match"];

/**
 * TrafficExtensions, with every WasmPlugin as one more: from 1.30 on istiod reads no WasmPlugins of a config source, and
 * translates only those of Kubernetes (docs/spec/xds.md, WasmPlugin). Costs O(changed WasmPlugins).
 */
export class TranslatedPlugins {
  readonly #spec: CollectionSpec;
  readonly #labels: RevisionLabels;
  #plugins = Table.empty;
  #translated = Table.empty;
  #last: { readonly extensions: Table; readonly translated: Table; readonly union: Table } | undefined;

  /** @param spec the collection of TrafficExtensions; @param labels are told of all that is made */
  constructor(spec: CollectionSpec, labels: RevisionLabels) {
    this.#spec = spec;
    this.#labels = labels;
  }

  union(extensions: Table, plugins: Table): Table {
    this.#follow(plugins);
    const translated = this.#translated;
    if (translated.size === 0) return extensions;
    if (this.#last?.extensions !== extensions || this.#last.translated !== translated) {
      this.#last = { extensions, translated, union: extensions.with(missingIn(extensions, translated)) };
    }
    return this.#last.union;
  }

  #follow(plugins: Table): void {
    if (plugins === this.#plugins) return;
    const { upserts, removed } = deltaTo(this.#plugins, plugins);
    this.#plugins = plugins;
    const changes: Change[] = [
      ...removed.map((name) => ({ name: translatedName(name), resource: undefined })),
      ...upserts.map((plugin) => ({ name: translatedName(plugin.name), resource: this.#translate(plugin) })),
    ];
    this.#translated = this.#translated.with(changes);
  }

  #translate(plugin: Resource): Resource | undefined {
    const made = translate(plugin, this.#spec);
    if (made !== undefined) this.#labels.look(made);
    return made;
  }
}

/** A real resource of such a name, odd as it is, is what its author meant. */
function* missingIn(extensions: Table, translated: Table): Iterable<Change> {
  for (const resource of translated) {
    if (extensions.get(resource.name) === undefined) yield { name: resource.name, resource };
  }
}

function translatedName(name: ResourceName): ResourceName {
  return `${name}${SUFFIX}` as ResourceName;
}

/** The TrafficExtension that says the same as a WasmPlugin; `undefined` when its body can't be read. */
function translate(plugin: Resource, spec: CollectionSpec): Resource | undefined {
  if (plugin.current === undefined) return undefined;
  const { createTime, labels, body } = decodeResource(plugin.current, "current");
  if (!isPlainObject(body)) return undefined;
  const { targetRef } = body;
  const extension = {
    ...(targetRef !== undefined && body["targetRefs"] === undefined && { targetRefs: [targetRef] }),
    ...pick(body, kept),
    wasm: pick(body, moved),
  };
  const parts = {
    name: translatedName(plugin.name),
    createTime: createTime === undefined ? undefined : parseTimestamp(createTime),
    labels,
    annotations: {},
  };
  const made = makeResource(spec, parts, extension, plugin.origin);
  return made.ok ? made.value : undefined;
}

function pick(from: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]));
}
