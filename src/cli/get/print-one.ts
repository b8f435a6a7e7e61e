import { GalleyError } from "../../lib/errors.ts";
import { exitStatus } from "../errors/print.ts";
import { shortName } from "../status/collection-name.ts";
import { dataWriter, lineWidth } from "../status/view.ts";
import { colours } from "../terminal/colours.ts";
import { escapedJson } from "../terminal/escape.ts";
import type { NameFound } from "./find-name.ts";
import { readResource } from "./read.ts";
import type { GetForm, GetTask } from "./task.ts";
import { namesTable, resourceText } from "./text.ts";

/** Prints one resource. Throws `GalleyError` if there is none, with what may have been meant. */
export async function printOne(task: GetTask, form: GetForm, collection: string, word: string): Promise<number> {
  const { api, registry, io, env } = task;
  const found = await readResource(api, collection, word);
  if (found.kind !== "found") {
    const [error, hint] = explain(found, word, shortName(collection, registry));
    throw new GalleyError("GLY_NOT_FOUND", error, { hint });
  }
  const item = found.resource;
  if (form === "table") {
    const layout = { paint: colours(io.stdout, env), width: lineWidth(io.stdout) };
    io.stdout.write(`${namesTable([{ collection, item }], registry, layout)}\n`);
  } else if (form === "name") dataWriter(io.stdout)(`${item.text("name")}\n`);
  else dataWriter(io.stdout)(resourceText(form, item, registry));
  return exitStatus.ok;
}

function explain(
  { kind, near }: Exclude<NameFound, { kind: "found" }>,
  word: string,
  collection: string,
): readonly [error: string, hint: string] {
  const name = escapedJson(word);
  if (kind === "several") return [`several in ${collection} are called ${name}`, `name one: ${near.join(", ")}`];
  const hint =
    near.length === 0 ? `galley get ${collection} lists those there are` : `did you mean ${near.join(" or ")}?`;
  return [`there is no ${name} in ${collection}`, hint];
}
