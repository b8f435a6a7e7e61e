import { readdirSync, readFileSync } from "node:fs";

/** One input that is kept: where fuzzing begins, and what it once found. */
export interface Kept<Input> {
  readonly name: string;
  readonly input: Input;
}

/** The kept texts of a folder. */
export function keptTexts(folder: "yaml" | "documents" | "access"): Kept<string>[] {
  return read(folder, (file) => file);
}

/** The kept bytes of a folder: hexadecimal, with `#` comments and white space anywhere. */
export function keptBytes(folder: "requests" | "frames"): Kept<Uint8Array>[] {
  return read(folder, (file) => Buffer.from(file.replaceAll(/#.*|\s/g, ""), "hex"));
}

function read<Input>(folder: string, parse: (file: string) => Input): Kept<Input>[] {
  const root = new URL(`./corpus/${folder}/`, import.meta.url);
  const names = readdirSync(root).sort();
  return names.map((name) => ({ name, input: parse(readFileSync(new URL(name, root), "utf8")) }));
}
