import type { Resource } from "../../../model/resource.ts";
import type { Reading } from "../reading.ts";
import type { Claim } from "../records.ts";
import { CLAIM_WORDS, type Extras, HEAD_WORDS, NO_BYTES, PACKED_FORMAT, type PackedReading } from "./layout.ts";

/** Packs what a file's text came to. The arrays share no memory with anything else. */
export function packReading({ documents, lines }: Reading): PackedReading {
  const claims = documents.flatMap((document) => document.claims);
  const kinds = new Numbering();
  const collections = new Numbering();
  const bodies = new Bodies(claims);
  const texts: string[] = documents.map((document) => document.hash);
  for (const { resource } of claims) texts.push(resource.version);
  for (const { resource } of claims) texts.push(resource.name);

  const words = new Uint32Array(HEAD_WORDS + 2 * documents.length + texts.length + CLAIM_WORDS * claims.length);
  let at = HEAD_WORDS;
  for (const line of lines) words[at++] = line;
  let claimsEnd = 0;
  for (const document of documents) words[at++] = claimsEnd += document.claims.length;
  let textsEnd = 0;
  for (const text of texts) words[at++] = textsEnd += text.length;
  for (const claim of claims) {
    words[at++] = claim.line;
    words[at++] = kinds.numberOf(claim.kind);
    words[at++] = collections.numberOf(claim.resource.collection);
    at = bodies.add(claim.resource, words, at);
  }

  const text = texts.join("");
  const charBytes = isLatin1(text) ? 1 : 2;
  const extras: Extras = {
    kinds: kinds.names,
    collections: collections.names,
    names: claims.flatMap((claim, i) => (claim.name === claim.resource.name ? [] : [[i, claim.name] as const])),
    documents: documents.flatMap(({ misses, notes }, i) =>
      misses.length + notes.length === 0 ? [] : [[i, misses, notes] as const],
    ),
  };
  const json = Buffer.from(JSON.stringify(extras), "utf8");
  words.set([PACKED_FORMAT, documents.length, claims.length, text.length, charBytes, json.length]);
  const head = new Uint8Array(words.byteLength + text.length * charBytes + json.length);
  head.set(new Uint8Array(words.buffer));
  Buffer.from(head.buffer).write(text, words.byteLength, charBytes === 1 ? "latin1" : "utf16le");
  head.set(json, words.byteLength + text.length * charBytes);
  return { head, bodies: bodies.bytes };
}

/** Gives numbers to a few names. */
class Numbering {
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) this.#numbers.set(name, (number = this.names.push(name) - 1));
    return number;
  }
}

/** The bytes of resources side by side. */
class Bodies {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #at = 0;

  constructor(claims: readonly Claim[]) {
    let length = 0;
    for (const { resource } of claims) {
      const { legacy, current } = resource;
      length += (legacy?.length ?? 0) + (current === legacy ? 0 : (current?.length ?? 0));
    }
    this.bytes = new Uint8Array(length);
  }

  /** Writes both spans of a resource into four words, and gives the place behind them. */
  add({ legacy, current }: Resource, words: Uint32Array, at: number): number {
    this.#put(legacy, words, at);
    if (current === legacy) words.copyWithin(at + 2, at, at + 2);
    else this.#put(current, words, at + 2);
    return at + 4;
  }

  #put(bytes: Uint8Array | undefined, words: Uint32Array, at: number): void {
    words[at] = words[at + 1] = NO_BYTES;
    if (bytes === undefined) return;
    words[at] = this.#at;
    this.bytes.set(bytes, this.#at);
    words[at + 1] = this.#at += bytes.length;
  }
}

function isLatin1(text: string): boolean {
  return !/[^\0-\xff]/.test(text);
}
