import { GalleyError } from "../../lib/errors.ts";
import type { AdminApi } from "../status/admin-api.ts";
import type { Fields } from "../status/fields.ts";
import { findName, type NameFound } from "./find-name.ts";

/** A resource, or what its name may have meant. */
export type ResourceFound =
  | { readonly kind: "found"; readonly resource: Fields }
  | Exclude<NameFound, { kind: "found" }>;

/** Resources that are asked for at the same time. */
const AT_ONCE = 16;

/** One resource of a collection, by its name or by what that may mean. */
export async function readResource(api: AdminApi, collection: string, word: string): Promise<ResourceFound> {
  const exact = await ask(api, collection, word);
  if (exact !== undefined) return { kind: "found", resource: exact };
  const names: string[] = [];
  for await (const page of readNames(api, collection)) for (const item of page) names.push(item.text("name"));
  const meant = findName(word, names);
  if (meant.kind !== "found") return meant;
  const resource = await ask(api, collection, meant.name);
  return resource === undefined ? { kind: "none", near: [] } : { kind: "found", resource };
}

/** Whether the server has the collection, if only empty. */
export async function isServed(api: AdminApi, collection: string): Promise<boolean> {
  return (await api.ask(topicOf(collection), { limit: "1" })).ok;
}

/**
 * Names and versions of a collection, page by page. Throws `GalleyError` if the server doesn't serve it.
 * @param namespace only of resources in it; of all unless given
 */
export async function* readNames(
  api: AdminApi,
  collection: string,
  namespace = "",
): AsyncGenerator<readonly Fields[], void> {
  if (!(await isServed(api, collection))) throw notServed(api, collection);
  for await (const { items } of api.pages(topicOf(collection))) {
    yield namespace === "" ? items : items.filter((item) => item.text("name").startsWith(`${namespace}/`));
  }
}

/** The resources of a collection, decoded, in the order of their names; what goes meanwhile is left out. */
export async function* readResources(
  api: AdminApi,
  collection: string,
  namespace: string,
): AsyncGenerator<Fields, void> {
  for await (const page of readNames(api, collection, namespace)) {
    for (let at = 0; at < page.length; at += AT_ONCE) {
      const names = page.slice(at, at + AT_ONCE).map((item) => item.text("name"));
      const found = await Promise.all(names.map((name) => ask(api, collection, name)));
      yield* found.filter((resource) => resource !== undefined);
    }
  }
}

function topicOf(collection: string): string {
  return `collections/${collection.split("/").map(encodeURIComponent).join("/")}`;
}

async function ask(api: AdminApi, collection: string, name: string): Promise<Fields | undefined> {
  const answer = await api.ask("resources", { collection, name });
  return answer.ok ? answer.value : undefined;
}

function notServed(api: AdminApi, collection: string): GalleyError {
  return new GalleyError("GLY_UNSUPPORTED_COLLECTION", `${api.address} does not serve ${JSON.stringify(collection)}`, {
    hint: "galley status collections --all lists what is served; nothing is, as long as galley status says not ready",
  });
}
