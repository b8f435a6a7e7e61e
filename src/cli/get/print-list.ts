import { dataWriter, lineWidth } from "../status/view.ts";
import { colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import { isServed, readNames, readResources } from "./read.ts";
import type { GetForm, GetTask } from "./task.ts";
import { type Named, namesTable, resourceText } from "./text.ts";

/** Prints all resources of the collections: their names and versions, or whole. */
export async function printList(task: GetTask, form: GetForm, wanted: readonly string[]): Promise<void> {
  const collections = wanted.length > 1 ? await servedOf(task, wanted) : wanted;
  if (form === "table") return await printTable(task, collections);
  const { api, registry, namespace } = task;
  const write = dataWriter(task.io.stdout);
  for (const collection of collections) {
    if (form === "name") {
      for await (const page of readNames(api, collection, namespace)) {
        for (const item of page) write(`${item.text("name")}\n`);
      }
    } else {
      for await (const found of readResources(api, collection, namespace)) write(resourceText(form, found, registry));
    }
  }
}

async function printTable(
  { api, registry, io, env, namespace }: GetTask,
  collections: readonly string[],
): Promise<void> {
  const named: Named[] = [];
  for (const collection of collections) {
    for await (const page of readNames(api, collection, namespace)) {
      for (const item of page) named.push({ collection, item });
    }
  }
  if (named.length === 0) {
    const where = namespace === "" ? "" : ` in the namespace ${escapeControls(namespace)}`;
    io.stderr.write(`there are no resources${where}\n`);
  } else {
    const layout = { paint: colours(io.stdout, env), width: lineWidth(io.stdout) };
    io.stdout.write(`${namesTable(named, registry, layout)}\n`);
  }
}

/** What a prefix means may be more than this server serves. */
async function servedOf({ api }: GetTask, wanted: readonly string[]): Promise<readonly string[]> {
  const served = await Promise.all(wanted.map((collection) => isServed(api, collection)));
  return wanted.filter((_, index) => served[index]);
}
