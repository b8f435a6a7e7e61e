import { GalleyError } from "../../lib/errors.ts";
import type { CollectionRegistry, CollectionSpec } from "../../model/collections.ts";
import { encodeResource } from "../../wire/encode-resource.ts";
import { parseAdmin } from "../status/address.ts";
import { AdminApi } from "../status/admin-api.ts";
import type { Fields } from "../status/fields.ts";
import { type Configuration, isFedToIstiod, type KindSize, responseBytes } from "./configuration.ts";

/** Resources of a kind that are looked at; the others are taken to be of their size. */
const SAMPLED = 32;

/**
 * Asks a running Galley what it serves, at its introspection port. It tells names and numbers; sizes are reckoned from some
 * resources of each kind. Throws `GalleyError` if it can't be asked, or isn't ready to serve.
 */
export async function readGalley(admin: string, registry: CollectionRegistry): Promise<Configuration> {
  using api = new AdminApi(parseAdmin(admin));
  const { value: status } = await api.get("status");
  if (!status.flag("ready")) {
    throw new GalleyError(
      "GLY_CONNECT",
      `the Galley at ${api.address} isn't ready: what it would serve isn't known yet`,
      {
        hint: `galley status --admin=${api.address} tells what is missing`,
      },
    );
  }
  const kinds: KindSize[] = [];
  for (const collection of status.list("collections")) {
    const spec = registry.get(collection.text("collection"));
    const count = collection.number("count");
    if (spec === undefined || count === 0) continue;
    const mean = isFedToIstiod(spec) ? await meanBytes(api, spec) : 0;
    kinds.push({ spec, count, bytes: responseBytes(count, Math.round(mean * count)) });
  }
  const problems = status.object("problems");
  const worst = problems.list("items").find((item) => item.text("severity") === "error");
  return {
    from: `the Galley at ${api.address}`,
    isEstimate: kinds.some(({ count }) => count > SAMPLED),
    kinds: kinds.sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)),
    revisions: undefined,
    // Its own problems tell.
    heldBack: new Map(),
    errors: { count: problems.object("counts").number("error"), example: worst?.text("message") ?? "" },
  };
}

async function meanBytes(api: AdminApi, spec: CollectionSpec): Promise<number> {
  const { items } = await api.list(`collections/${spec.name.split("/").map(encodeURIComponent).join("/")}`, SAMPLED);
  const names = items.map((item) => item.text("name"));
  const shown = await Promise.all(names.map((name) => api.ask("resources", { collection: spec.name, name })));
  const sizes = shown.flatMap((answer) => (answer.ok ? [sizeOf(spec, answer.value)] : []));
  return sizes.length === 0 ? 0 : sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

/** Bytes of a resource, encoded anew from what is shown of it; its creation time is always there, and always as long. */
function sizeOf(spec: CollectionSpec, shown: Fields): number {
  const metadata = {
    name: shown.text("name"),
    createTime: undefined,
    labels: textsOf(shown.object("labels")),
    annotations: textsOf(shown.object("annotations")),
  };
  const encoded = encodeResource(spec, metadata, shown.object("body").raw);
  return encoded.ok ? (encoded.current?.length ?? 0) : 0;
}

function textsOf({ raw }: Fields): Readonly<Record<string, string>> {
  if (typeof raw !== "object" || raw === null) return {};
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => typeof value === "string")) as Record<
    string,
    string
  >;
}
