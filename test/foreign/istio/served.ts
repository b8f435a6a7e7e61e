import type { GalleyProcess } from "../../support/galley-process.ts";
import { askJson } from "./http.ts";

/** Names and versions that a server has published, by collection, as its introspection tells. */
async function served(server: GalleyProcess): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const collections = (await list(server, "collections")) as readonly { readonly collection: string }[];
  const content = new Map<string, ReadonlyMap<string, string>>();
  for (const { collection } of collections) {
    const items = (await list(server, `collections/${collection}`)) as readonly { name: string; version: string }[];
    content.set(collection, new Map(items.map(({ name, version }) => [name, version])));
  }
  return content;
}

/** One line a resource of these collections, in order: `COLLECTION NAME VERSION`. */
export async function servedLines(server: GalleyProcess, collections: readonly string[]): Promise<readonly string[]> {
  const content = await served(server);
  return collections
    .flatMap((name) => [...(content.get(name) ?? [])].map(([resource, version]) => `${name} ${resource} ${version}`))
    .sort();
}

async function list(server: GalleyProcess, topic: string): Promise<readonly unknown[]> {
  const page = await askJson(`${server.introspectionUrl}/api/v1/${topic}?limit=5000`);
  const { items, count } = page as { readonly items: readonly unknown[]; readonly count: number };
  if (items.length !== count) throw new Error(`${topic} has more than one page`);
  return items;
}
