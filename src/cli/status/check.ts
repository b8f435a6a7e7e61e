import type { Fields } from "./fields.ts";
import { isInTrouble } from "./sources-table.ts";
import { count } from "./view.ts";

/** What a script should stop for, a phrase each; nothing if all is well. */
export function findFaults(status: Fields): readonly string[] {
  const errors = status.object("problems").object("counts").number("error");
  const sources = status.list("sources").filter(isInTrouble);
  return [
    ...(status.flag("ready") ? [] : ["it isn't ready"]),
    ...sources.map((source) => `the source ${source.text("name")} is ${source.text("state")}`),
    ...(errors === 0 ? [] : [`there ${errors === 1 ? "is" : "are"} ${count(errors, "error")} in the configuration`]),
  ];
}
