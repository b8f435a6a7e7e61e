import { dataWriter, lineWidth } from "../status/view.ts";
import { colours } from "../terminal/colours.ts";
import { isServed, readNames, readResources } from "./read.ts";
import type { GetForm, GetTask } from "./task.ts";
import { type Named, namesTable, resourceText } from "./text.ts";

/** Prints all resources of the collections: their names and versions, or whole. */
export async function printList(task: GetTask, form: GetForm, wanted: readonly string[]): Promise<void> {
  const collections = wanted.length > 1 ? await servedOf(task, wanted) : wanted;
  if (form === "table") return await printTable(task, collections);
  const write = dataWriter(task.io.stdout);
  for (const collection of collections) {
    for await (const found of readResources(task.api, collection)) write(resourceText(form, found, task.registry));
  }
}

async function printTable({ api, registry, io, env }: GetTask, collections: readonly string[]): Promise<void> {
  const named: Named[] = [];
  for (const collection of collections) {
    for await (const page of readNames(api, collection)) for (const item of page) named.push({ collection, item });
  }
  if (named.length === 0) io.stderr.write("there are no resources\n");
  else {
    const layout = { paint: colours(io.stdout, env), width: lineWidth(io.stdout) };
    io.stdout.write(`${namesTable(named, registry, layout)}\n`);
  }
}

/** What a prefix means may be more than this server serves. */
async function servedOf({ api }: GetTask, wanted: readonly string[]): Promise<readonly string[]> {
  const served = await Promise.all(wanted.map((collection) => isServed(api, collection)));
  return wanted.filter((_, index) => served[index]);
}
