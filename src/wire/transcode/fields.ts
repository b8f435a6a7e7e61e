import { clip } from "../issue.ts";
import { suggest } from "../../lib/suggest.ts";
import { isPlainObject } from "./describe.ts";
import type { Encoding } from "./encoding.ts";
import type { FieldPlan, MessagePlan } from "./plan.ts";

const emptyObject: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * Writes the fields that an object gives to a message, in ascending order of their numbers, and reports every field that
 * the message lacks. With `shared`, the object's other keys belong to the message around, and are passed over.
 */
export function writeFields(plan: MessagePlan, out: Encoding, value: unknown, shared = false): void {
  if (!isPlainObject(value)) return out.wrongType("an object", value);
  out.descend();
  const base = out.top;
  collect(plan, out, value, shared);
  const end = out.top;
  let oneofs = 0;
  for (let i = base; i < end; i++) {
    const field = out.fields[i]!;
    let key = out.keys[i]!;
    if (i + 1 < end && out.fields[i + 1] === field) {
      if (field.inline) continue;
      key = preferred(out, field, key, out.keys[++i]!);
    }
    if (field.diverges) out.diverged = true;
    if (field.inline) {
      field.write(out, value);
      continue;
    }
    const given = value[key];
    if (field.oneof >= 0) {
      if (given === null && field.onNull === "selects" && hasSibling(out, base, end, field)) continue;
      if ((oneofs & (1 << field.oneof)) !== 0) reportConflict(out, base, end, field, key);
      oneofs |= 1 << field.oneof;
    }
    out.enter(key);
    field.write(out, given === null && field.onNull === "selects" ? emptyObject : given);
    out.leave();
  }
  out.top = base;
  out.ascend();
}

/** Puts the fields that have a value on the scratch stack, sorted by number. Most objects have a handful of keys. */
function collect(plan: MessagePlan, out: Encoding, object: Readonly<Record<string, unknown>>, shared: boolean): void {
  const { fields, keys } = out;
  const base = out.top;
  const names = Object.keys(object);
  out.visit(names.length + 1);
  let top = base;
  for (const key of names) {
    const field = plan.byKey.get(key);
    if (field === undefined) {
      if (!shared) reportUnknown(plan, out, key);
      continue;
    }
    const value = object[key];
    if (value === undefined || (value === null && field.onNull === "absent")) continue;
    let at = top++;
    for (; at > base && fields[at - 1]!.number > field.number; at--) {
      fields[at] = fields[at - 1]!;
      keys[at] = keys[at - 1]!;
    }
    fields[at] = field;
    keys[at] = key;
  }
  out.top = top;
}

function reportUnknown(plan: MessagePlan, out: Encoding, key: string): void {
  // The other generation may know it.
  out.diverged = true;
  const near = out.isFull ? undefined : suggest(key, plan.byKey.keys());
  out.enter(key);
  // Kubernetes adds fields with every release; that 1.3 has not heard of them is no mistake of the author's.
  const severity = plan.typeName.startsWith("k8s.io.") ? "info" : "warning";
  out.report(severity, "unknown-field", `is an unknown field${near === undefined ? "" : `; did you mean ${near}?`}`);
  out.leave();
}

function preferred(out: Encoding, field: FieldPlan, one: string, other: string): string {
  const [kept, dropped] = one === field.jsonName ? [one, other] : [other, one];
  out.enter(dropped);
  out.report("warning", "duplicate-field", `says again what ${clip(kept)} says; ${clip(kept)} is taken`);
  out.leave();
  return kept;
}

function hasSibling(out: Encoding, base: number, end: number, field: FieldPlan): boolean {
  return out.fields.slice(base, end).some((other) => other !== field && other.oneof === field.oneof);
}

function reportConflict(out: Encoding, base: number, end: number, field: FieldPlan, key: string): void {
  const members: string[] = [];
  for (let i = base; i < end; i++) if (out.fields[i]!.oneof === field.oneof) members.push(out.keys[i]!);
  out.enter(key);
  out.report("error", "oneof-conflict", `excludes its siblings: only one of ${members.join(", ")} can be set`);
  out.leave();
}
