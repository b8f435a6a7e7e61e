import type { CollectionRegistry } from "../../model/collections.ts";
import type { AdminApi, AdminList } from "./admin-api.ts";
import { calledTable } from "./called-table.ts";
import { changesTable } from "./changes-table.ts";
import { collectionsTable, isInUse } from "./collections-table.ts";
import type { Fields } from "./fields.ts";
import type { StatusWord } from "./options.ts";
import { problemsTable } from "./problems-table.ts";
import { sinksTable } from "./sinks-table.ts";
import { sourcesTable } from "./sources-table.ts";
import { count, more, type View } from "./view.ts";

/** What a table is made with. */
interface TableRequest {
  readonly api: AdminApi;
  readonly registry: CollectionRegistry;
  /** Rows at most. */
  readonly most: number;
  readonly layout: Omit<View, "now">;
}

/** Something that `galley status` can show in full. */
interface StatusTopic {
  /** For people, without a line end after the last line. */
  table(request: TableRequest): Promise<string>;
  /** For programs: every entry as the server tells it, fetched as it is asked for. */
  entries(api: AdminApi): AsyncIterable<Fields>;
}

export const statusTopics: Readonly<Record<StatusWord, StatusTopic>> = {
  sources: {
    async table({ api, layout }) {
      const { items, at } = await api.list("sources", Number.POSITIVE_INFINITY);
      return sourcesTable(items, { ...layout, now: at });
    },
    entries: (api) => everyItem(api, "sources"),
  },
  problems: {
    async table({ api, most, layout }) {
      const found = await api.list("problems", most);
      if (found.count === 0) return "no problems";
      return withRest(found, "problems", problemsTable(found.items, viewAt(found, layout)), layout);
    },
    entries: (api) => everyItem(api, "problems"),
  },
  collections: {
    async table({ api, registry, most, layout }) {
      const { value, at } = await api.get("status");
      const all = value.list("collections");
      const shown = Number.isFinite(most) ? all.filter(isInUse) : all;
      const hidden = all.length - shown.length;
      const rest = `${count(hidden, "empty collection")} that nobody subscribes to: galley status collections --all`;
      const lines = hidden === 0 ? [] : [layout.paint.dim(`… and ${rest}`)];
      return [collectionsTable(shown, registry, { ...layout, now: at }), ...lines].join("\n");
    },
    async *entries(api) {
      yield* (await api.get("status")).value.list("collections");
    },
  },
  sinks: {
    async table({ api, registry, most, layout }) {
      const found = await worstSinks(api, most);
      if (found.count === 0) return "no sinks are connected";
      return withRest(found, "sinks", sinksTable(found.items, registry, viewAt(found, layout)), layout);
    },
    entries: (api) => everyItem(api, "sinks"),
  },
  called: {
    async table({ api, most, layout }) {
      const found = await api.list("called", most);
      if (found.count === 0) return "no sinks are called; --sink-address of the server names those that are";
      return withRest(found, "called", calledTable(found.items, viewAt(found, layout)), layout);
    },
    entries: (api) => everyItem(api, "called"),
  },
  changes: {
    async table({ api, registry, most, layout }) {
      const found = await api.list("changes", most);
      if (found.count === 0) return "nothing has been published yet";
      return withRest(found, "changes", changesTable(found.items, registry, viewAt(found, layout)), layout);
    },
    entries: (api) => everyItem(api, "changes"),
  },
};

/** Sinks by how they are doing, worst first; of a sink whose state changes meanwhile, what was said first counts. */
async function worstSinks(api: AdminApi, most: number): Promise<AdminList> {
  const found = new Map<number, Fields>();
  let [sum, last]: [number, AdminList | undefined] = [0, undefined];
  for (const state of ["refused", "behind", "synced"]) {
    last = await api.list("status/sinks", Math.max(1, most - found.size), { state });
    sum += last.count;
    for (const sink of last.items) {
      const id = sink.number("id");
      if (found.size < most && !found.has(id)) found.set(id, sink);
    }
  }
  return { ...last!, count: sum, items: [...found.values()] };
}

async function* everyItem(api: AdminApi, topic: string): AsyncIterable<Fields> {
  for await (const { items } of api.pages(topic, {}, 500)) yield* items;
}

function viewAt({ at }: AdminList, layout: Omit<View, "now">): View {
  return { ...layout, now: at };
}

function withRest({ count, items }: AdminList, word: StatusWord, shown: string, layout: Omit<View, "now">): string {
  const rest = count - items.length;
  return rest <= 0 ? shown : `${shown}\n${more(rest, `galley status ${word} --all`, layout)}`;
}
