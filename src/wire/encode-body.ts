import type { Issue, Path } from "./issue.ts";
import { type Attempt, mergeIssues } from "./merge-issues.ts";
import { type ApiGeneration, messageOf, registryFor } from "./registry.ts";
import { type ByteStore, exactCopies } from "./slab.ts";
import { Compiler } from "./transcode/compile.ts";
import { Encoding } from "./transcode/encoding.ts";
import type { MessagePlan } from "./transcode/plan.ts";

/** What has to be known of a collection to encode its bodies. */
export interface BodySpec {
  readonly message: string;
  /** The API generations that have the message; at least one. */
  readonly generations: readonly ApiGeneration[];
}

/**
 * A body in the bytes of each API generation: the same array twice when both encode alike. `undefined` where the generation
 * lacks the message or can't express this body; both are when the issues hold an error.
 */
export interface EncodedBody {
  readonly legacy: Uint8Array | undefined;
  readonly current: Uint8Array | undefined;
  readonly issues: readonly Issue[];
}

/** A stretch of a shared buffer: valid until the next encoding. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The same, as stretches of `out.bytes`. */
export interface EncodedSpans {
  readonly out: Encoding;
  readonly legacy: Span | undefined;
  readonly current: Span | undefined;
  readonly issues: readonly Issue[];
}

/**
 * Encodes a body, given as parsers of JSON and YAML give it, for every generation that has its message. Null stands for the
 * empty message. `root` is where the body stands in its document, for the paths of issues. Never throws on any body.
 */
export function encodeBody(
  spec: BodySpec,
  body: unknown,
  root: Path = [],
  store: ByteStore = exactCopies,
): EncodedBody {
  const { out, legacy, current, issues } = encodeSpans(spec, (out, plan) => writeBody(out, plan, body, root));
  const copy = (span: Span | undefined) => span && store.copy(out.bytes.view(span.start, span.end));
  const first = copy(legacy);
  return { legacy: first, current: current === legacy ? first : copy(current), issues };
}

/** Writes the content of a body at the place `root` of its document. */
export function writeBody(out: Encoding, plan: MessagePlan, body: unknown, root: Path): void {
  for (const part of root) out.enter(part);
  plan.write(out, body ?? {});
  for (let i = 0; i < root.length; i++) out.leave();
}

// One walk at a time: encoding is synchronous, and every result is copied out before the next.
const shared = new Encoding();

/** Runs `write` once, or twice when the document touches something that the generations encode differently. */
export function encodeSpans(spec: BodySpec, write: (out: Encoding, plan: MessagePlan) => void): EncodedSpans {
  const plans = plansOf(spec);
  const out = shared;
  out.bytes.rewind();
  const first = attempt(out, plans.first, write);
  if (plans.second === undefined || !out.diverged) {
    const only = plans.second === undefined ? plans.firstGeneration : undefined;
    const legacy = only === "current" ? undefined : first.span;
    return { out, legacy, current: only === "1.3" ? undefined : first.span, issues: first.issues };
  }
  const second = attempt(out, plans.second, write);
  const { issues, failed } = mergeIssues(first, second);
  if (failed) return { out, legacy: undefined, current: undefined, issues };
  const same = first.span !== undefined && second.span !== undefined && equal(out, first.span, second.span);
  return { out, legacy: first.span, current: same ? first.span : second.span, issues };
}

interface SpanAttempt extends Attempt {
  readonly span: Span | undefined;
}

function attempt(out: Encoding, plan: MessagePlan, write: (out: Encoding, plan: MessagePlan) => void): SpanAttempt {
  const start = out.bytes.at;
  const encoded = out.run((walk) => write(walk, plan));
  if (!encoded) out.bytes.rewind(start);
  return { encoded, span: encoded ? { start, end: out.bytes.at } : undefined, issues: out.takeIssues() };
}

function equal(out: Encoding, one: Span, other: Span): boolean {
  const bytes = out.bytes.view();
  return Buffer.compare(bytes.subarray(one.start, one.end), bytes.subarray(other.start, other.end)) === 0;
}

interface Plans {
  readonly firstGeneration: ApiGeneration;
  /** Knows of the other generation, if there is one, and so when a second walk is needed. */
  readonly first: MessagePlan;
  readonly second: MessagePlan | undefined;
}

const compilers = new Map<ApiGeneration, Compiler>();
const plansByMessage = new Map<string, Plans>();

function plansOf(spec: BodySpec): Plans {
  const key = spec.generations.length === 2 ? spec.message : `${spec.generations[0]} ${spec.message}`;
  let plans = plansByMessage.get(key);
  if (plans === undefined) plansByMessage.set(key, (plans = compile(spec)));
  return plans;
}

function compile(spec: BodySpec): Plans {
  const [only] = spec.generations;
  if (spec.generations.length === 1 && only !== undefined) {
    const first = compilerFor(only).plan(messageOf(only, spec.message));
    return { firstGeneration: only, first, second: undefined };
  }
  const legacy = messageOf("1.3", spec.message);
  const current = messageOf("current", spec.message);
  const second = compilerFor("current").plan(current);
  return { firstGeneration: "1.3", first: compilerFor("1.3").plan(legacy, current), second };
}

function compilerFor(generation: ApiGeneration): Compiler {
  let compiler = compilers.get(generation);
  if (compiler === undefined) compilers.set(generation, (compiler = new Compiler(registryFor(generation))));
  return compiler;
}
