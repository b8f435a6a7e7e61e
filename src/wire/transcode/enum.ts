import type { DescEnum } from "@bufbuild/protobuf";
import { clip } from "../issue.ts";
import { suggest } from "../../lib/suggest.ts";
import type { Encoding } from "./encoding.ts";
import type { Scalar } from "./scalar.ts";
import { VARINT } from "./writer.ts";

interface Choice {
  readonly number: number;
  readonly diverges: boolean;
}

/** The codec of an enum: names exactly as declared, or any number, known or not. `peer` is the other generation's enum. */
export function enumOf(desc: DescEnum, peer: DescEnum | undefined): Scalar<number> {
  const choices = new Map<string, Choice>();
  for (const { name, number } of desc.values) {
    const diverges = peer !== undefined && peer.values.find((value) => value.name === name)?.number !== number;
    choices.set(name, { number, diverges });
  }
  return {
    wireType: VARINT,
    read(out, value) {
      if (typeof value === "number" && Number.isInteger(value) && value === (value | 0)) return value;
      const choice = typeof value === "string" ? choices.get(value) : undefined;
      if (choice === undefined) return reportUnknown(out, value, choices);
      if (choice.diverges) out.diverged = true;
      return choice.number;
    },
    put: (bytes, value) => bytes.int32(value),
    isDefault: (value) => value === 0,
  };
}

function reportUnknown(out: Encoding, value: unknown, choices: ReadonlyMap<string, Choice>): undefined {
  if (typeof value !== "string") return out.wrongType(`one of ${list(choices)}`, value);
  out.diverged = true;
  const near = suggest(value, choices.keys());
  const remedy = near === undefined ? `use one of ${list(choices)}` : `did you mean ${near}?`;
  out.report("error", "unknown-value", `has the unknown value ${clip(value)}; ${remedy}`);
  return undefined;
}

function list(choices: ReadonlyMap<string, Choice>): string {
  const names = [...choices.keys()];
  return names.length > 12 ? `${names.slice(0, 12).join(", ")}…` : names.join(", ");
}
