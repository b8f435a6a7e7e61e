import { stringify } from "yaml";
import type { Fields } from "./fields.ts";

/** A form in which a program reads what a person asked for. */
export type DataForm = "json" | "yaml";

/** One value as a document. */
export function writeValue(write: (text: string) => void, form: DataForm, { raw }: Fields): void {
  write(form === "json" ? `${JSON.stringify(raw, undefined, 2)}\n` : stringify(raw));
}

/** A document `{"items": […]}`, written entry by entry as they come: no list is too long for it. */
export async function writeEntries(
  write: (text: string) => void,
  form: DataForm,
  entries: AsyncIterable<Fields>,
): Promise<void> {
  let isFirst = true;
  for await (const { raw } of entries) {
    if (form === "json") write(`${isFirst ? '{"items": [\n' : ",\n"}${JSON.stringify(raw)}`);
    else write(`${isFirst ? "items:\n" : ""}${stringify([raw])}`);
    isFirst = false;
  }
  if (form === "json") write(isFirst ? '{"items": []}\n' : "\n]}\n");
  else if (isFirst) write("items: []\n");
}
