import { suggest } from "../../lib/suggest.ts";
import { type ApiGeneration, messageOf } from "../../wire/registry.ts";
import type { MeshObject } from "./config-sources.ts";

const generations: readonly ApiGeneration[] = ["1.3", "current"];

/** Fields without which nobody would call this command, in both spellings: a slip in one of them must be told. */
const telling = ["configSources", "config_sources", "discoverySelectors", "discovery_selectors"];

/** The field of a mesh config that a key was meant to be, if it is nearly one that matters here. */
export function meantField(key: string): string | undefined {
  return telling.includes(key) ? undefined : suggest(key, telling);
}

/** Whether an object may be a MeshConfig: it is empty, or has at least one field of it, in any generation of the API. */
export function looksLikeMesh(object: MeshObject): boolean {
  const keys = Object.keys(object);
  if (keys.length === 0) return true;
  const known = new Set(
    generations.flatMap((generation) =>
      messageOf(generation, "istio.mesh.v1alpha1.MeshConfig").fields.flatMap((field) => [field.name, field.jsonName]),
    ),
  );
  return keys.some((key) => known.has(key) || meantField(key) !== undefined);
}
