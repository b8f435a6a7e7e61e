import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { answerWith } from "../lib/remote.ts";

// The peer of a start: the usual YAML parser over the same text, in one thread, reading not counted.

const abilities = {
  /** Parses every file of a folder; milliseconds, and how many documents there were. */
  parse(folder: string): { readonly ms: number; readonly documents: number } {
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
    const startMs = performance.now();
    let documents = 0;
    for (const text of texts) documents += loadAll(text).length;
    return { ms: performance.now() - startMs, documents };
  },
};

export type JsYamlAbilities = typeof abilities;

answerWith(abilities);
