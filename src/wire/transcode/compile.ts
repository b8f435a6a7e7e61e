import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { anyWriter } from "./any.ts";
import { agrees } from "./agree.ts";
import { fieldWriter } from "./field.ts";
import { writeFields } from "./fields.ts";
import { isInlined } from "./kubernetes.ts";
import type { FieldPlan, MessagePlan, ValueWriter } from "./plan.ts";
import { scalarOf } from "./scalar.ts";
import { wellKnown } from "./well-known.ts";
import { DELIMITED } from "./writer.ts";

/** Where an `Any` finds the message that its `@type` names. */
export interface MessageSource {
  getMessage(typeName: string): DescMessage | undefined;
}

/** Compiles message descriptors of one registry to plans, each once. */
export class Compiler {
  readonly #source: MessageSource;
  readonly #plans = new Map<DescMessage, Map<DescMessage | undefined, MessagePlan>>();

  constructor(source: MessageSource) {
    this.#source = source;
  }

  /** The plan of a message; `peer` is the message that the other API generation has in its place. */
  plan(desc: DescMessage, peer?: DescMessage): MessagePlan {
    let byPeer = this.#plans.get(desc);
    if (byPeer === undefined) this.#plans.set(desc, (byPeer = new Map()));
    return byPeer.get(peer) ?? this.#compile(desc, peer, byPeer);
  }

  #compile(
    desc: DescMessage,
    peer: DescMessage | undefined,
    byPeer: Map<DescMessage | undefined, MessagePlan>,
  ): MessagePlan {
    const byKey = new Map<string, FieldPlan>();
    const special = this.#special(desc);
    const plan: MessagePlan = {
      typeName: desc.typeName,
      write: special ?? ((out, value) => writeFields(plan, out, value)),
      takesNull: desc.typeName === "google.protobuf.Value",
      special: special !== undefined,
      byKey,
      paired: peer !== undefined,
    };
    // Registered before its fields are compiled: messages may hold themselves.
    byPeer.set(peer, plan);
    if (special === undefined) for (const field of desc.fields) this.#addField(field, peer, byKey);
    return plan;
  }

  #special(desc: DescMessage): ValueWriter | undefined {
    if (desc.typeName === "google.protobuf.Any") return anyWriter((name) => this.#find(name));
    if (isWrapperDesc(desc)) return wrapperWriter(desc.fields[0]?.scalar ?? ScalarType.STRING);
    return wellKnown.get(desc.typeName);
  }

  #find(typeName: string): MessagePlan | undefined {
    const desc = this.#source.getMessage(typeName);
    return desc === undefined ? undefined : this.plan(desc);
  }

  #addField(field: DescField, peer: DescMessage | undefined, byKey: Map<string, FieldPlan>): void {
    const twin = peer?.fields.find((other) => other.name === field.name);
    const nested = field.message && this.plan(field.message, twin?.message);
    const inline = isInlined(field);
    const plan: FieldPlan = {
      number: field.number,
      jsonName: field.jsonName,
      oneof: field.oneof === undefined ? -1 : field.parent.oneofs.indexOf(field.oneof),
      onNull: nullRule(field, nested),
      inline,
      diverges: peer !== undefined && (twin === undefined || !agrees(field, twin)),
      write: inline ? inlineWriter(field.number, nested!) : fieldWriter(field, twin, nested),
    };
    if (inline) for (const key of nested!.byKey.keys()) byKey.set(key, plan);
    else byKey.set(field.name, plan).set(field.jsonName, plan);
  }
}

function nullRule(field: DescField, nested: MessagePlan | undefined): FieldPlan["onNull"] {
  if (field.fieldKind === "message" && nested?.takesNull === true) return "value";
  // `peers: [{mtls: }]` asks for mutual TLS with its defaults. Galley 1.3.6 mends this one member, and no other.
  if (field.parent.typeName === "istio.authentication.v1alpha1.PeerAuthenticationMethod" && field.name === "mtls") {
    return "selects";
  }
  return "absent";
}

function inlineWriter(number: number, nested: MessagePlan): ValueWriter {
  return (out, value) => {
    out.bytes.tag(number, DELIMITED);
    const start = out.bytes.begin();
    writeFields(nested, out, value, true);
    out.bytes.end(start);
  };
}

function wrapperWriter(type: ScalarType): ValueWriter {
  const scalar = scalarOf(type);
  return (out, value) => {
    const inner = scalar.read(out, value);
    if (inner === undefined || scalar.isDefault(inner)) return;
    out.bytes.tag(1, scalar.wireType);
    scalar.put(out.bytes, inner, out);
  };
}
