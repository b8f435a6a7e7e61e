import { ScalarType } from "@bufbuild/protobuf";
import type { Encoding } from "./encoding.ts";
import { scalarOf } from "./scalar.ts";

const canonicalInteger = /^(?:0|-?[1-9]\d*)$/;

/** Writes the key of a map entry, which JSON always gives as a text; one way to write each number, so none comes twice. */
export function mapKeyOf(type: ScalarType): (out: Encoding, key: string) => void {
  const scalar = scalarOf(type);
  const read =
    type === ScalarType.STRING ? (_: Encoding, key: string) => key : type === ScalarType.BOOL ? readBool : readInteger;
  return (out, key) => {
    const value = read(out, key);
    if (value === undefined) return;
    out.bytes.tag(1, scalar.wireType);
    scalar.put(out.bytes, value, out);
  };

  function readInteger(out: Encoding, key: string): unknown {
    return canonicalInteger.test(key) ? scalar.read(out, key) : out.badValue("must have a whole number as its key");
  }
}

function readBool(out: Encoding, key: string): boolean | undefined {
  if (key === "true" || key === "false") return key === "true";
  return out.badValue('must have "true" or "false" as its key');
}
