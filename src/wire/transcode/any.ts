import { clip } from "../issue.ts";
import { isPlainObject } from "./describe.ts";
import type { MessagePlan, ValueWriter } from "./plan.ts";
import { DELIMITED } from "./writer.ts";

/**
 * The content of a `google.protobuf.Any`: an object with `@type` beside the fields of the message named, or beside `value`
 * when that message has a JSON form of its own. An empty object is an empty `Any`.
 */
export function anyWriter(find: (typeName: string) => MessagePlan | undefined): ValueWriter {
  return (out, value) => {
    if (!isPlainObject(value)) return out.wrongType("an object with an @type", value);
    const { "@type": typeUrl, ...rest } = value;
    out.visit(1);
    if (typeUrl === undefined && Object.keys(rest).length === 0) return;
    if (typeof typeUrl !== "string") return out.badValue("must name its message under @type");
    const plan = find(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
    if (plan === undefined) return out.report("error", "unknown-type", `holds the unknown message ${clip(typeUrl)}`);
    out.bytes.tag(1, DELIMITED);
    out.text(typeUrl);
    out.descend();
    out.bytes.tag(2, DELIMITED);
    const start = out.bytes.begin();
    const isNested = plan.special && Object.hasOwn(rest, "value");
    plan.write(out, isNested ? rest["value"] : rest);
    // Go leaves an empty value out, and so must equal bytes.
    if (out.bytes.at === start) out.bytes.rewind(start - 2);
    else out.bytes.end(start);
    out.ascend();
  };
}
