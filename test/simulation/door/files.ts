import type { AccessList } from "../../../src/grpc/access/list.ts";
import type { FileLook } from "../../../src/grpc/credentials/look.ts";
import type { Random } from "../random.ts";
import { authorityPem, identities, type Issuer, serverPairs } from "./papers.ts";

/** The files that a server is secured with. */
export const paths = { ca: "ca.pem", key: "key.pem", cert: "cert.pem", list: "accesslist.yaml" } as const;

/** What an operator means by a file; what means nothing is of no use to a server. */
interface Meanings {
  readonly ca: readonly Issuer[];
  readonly key: Issuer;
  readonly cert: Issuer;
  readonly list: AccessList;
}

export type Role = keyof Meanings;

type Meaning<R extends Role> = Meanings[R] | undefined;

/** What files that belong together come to. */
export interface Credentials {
  readonly pair: Issuer;
  readonly trusted: readonly Issuer[];
}

/** The files, in memory: what stands in each, and what it means. */
export class Files {
  readonly #texts = new Map<string, string>();
  #meanings: { [R in Role]?: Meaning<R> } = {};
  /** What the last two looks at the files of a group found. */
  readonly #found = { credentials: ["", ""], list: ["", ""] };

  /** Puts a text in a file's place, and takes the file away if there is none. */
  write<R extends Role>(role: R, text: string | undefined, meaning?: Meaning<R>): void {
    if (text === undefined) this.#texts.delete(paths[role]);
    else this.#texts.set(paths[role], text);
    this.#meanings = { ...this.#meanings, [role]: meaning };
  }

  /** How the server looks at them. */
  lookAt(path: string): Promise<FileLook> {
    const text = this.#texts.get(path);
    if (path === paths.cert) this.#note("credentials", this.#stands(paths.ca, paths.key, paths.cert));
    if (path === paths.list) this.#note("list", this.#stands(path));
    return Promise.resolve(text === undefined ? { kind: "absent" } : { kind: "bytes", bytes: Buffer.from(text) });
  }

  /** Whether the last two looks found the same: what stands there is not half-written. */
  stoodStill(group: "credentials" | "list"): boolean {
    return this.#found[group][0] === this.#found[group][1];
  }

  /** What certificate, key and authorities come to; `undefined` when they are of no use. */
  get credentials(): Credentials | undefined {
    const { ca, key, cert } = this.#meanings;
    return ca === undefined || cert === undefined || key !== cert ? undefined : { pair: cert, trusted: ca };
  }

  /** The access list; `undefined` when it is of no use. */
  get list(): AccessList | undefined {
    return this.#meanings.list;
  }

  get hasList(): boolean {
    return this.#texts.has(paths.list);
  }

  #stands(...files: readonly string[]): string {
    return files.map((file) => this.#texts.get(file) ?? "none").join("\0");
  }

  #note(group: "credentials" | "list", found: string): void {
    this.#found[group] = [this.#found[group][1]!, found];
  }
}

/** Puts credentials in place, all three files, in the order of an operator who is not careful. */
export function credentialWrites({ pair, trusted }: Credentials): ((files: Files) => void)[] {
  return [
    (files) => files.write("cert", serverPairs[pair].cert, pair),
    (files) => files.write("key", serverPairs[pair].key, pair),
    (files) => files.write("ca", trusted.map(authorityPem).join(""), trusted),
  ];
}

/** Puts something in the place of one of the credentials that is of no use. */
export function spoilCredentials(files: Files, random: Random): string {
  const role = random.pick(["ca", "key", "cert"] as const);
  const text = random.pick([undefined, "", serverPairs.first.cert.slice(0, 100), "-----BEGIN CERTIFICATE-----"]);
  files.write(role, text);
  return `${paths[role]} ${text === undefined ? "is gone" : "becomes of no use"}`;
}

export function writeList(files: Files, random: Random): string {
  const list: AccessList = {
    kind: random.pick(["allow", "block"]),
    ids: new Set(identities.filter(() => random.chance(0.5))),
  };
  const ids = JSON.stringify([...list.ids]);
  const former = `isblacklist: ${list.kind === "block"}\nallowed: ${ids}\n`;
  files.write("list", random.chance(0.5) ? former : `${list.kind}: ${ids}\n`, list);
  return `the access list becomes ${list.kind} ${ids}`;
}

export function spoilList(files: Files, random: Random): string {
  const text = random.pick([undefined, "allow: [", "allow: 3", "allow: []\nblock: []", "isblacklist: maybe"]);
  files.write("list", text);
  return `the access list ${text === undefined ? "is gone" : `becomes ${JSON.stringify(text)}`}`;
}
