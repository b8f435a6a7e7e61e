import { X509Certificate } from "node:crypto";
import { openAccessList, type AccessListKeeper } from "../../../src/grpc/access/keeper.ts";
import { judgePeer } from "../../../src/grpc/access/list.ts";
import type { GateLimits } from "../../../src/grpc/access/gate.ts";
import { Guard } from "../../../src/grpc/access/guard.ts";
import { type CredentialKeeper, openCredentials } from "../../../src/grpc/credentials/keeper.ts";
import type { LookAt } from "../../../src/grpc/credentials/look.ts";
import type { Method, PeerIdentity } from "../../../src/grpc/method.ts";
import type { Credentials as Shown } from "../../../src/grpc/tls.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import type { Logger } from "../../../src/lib/logger.ts";
import { BackgroundClock } from "../background-clock.ts";
import { type Credentials, type Files, paths } from "./files.ts";
import type { Law } from "./law.ts";
import { authorityPem, issuers, type Paper, serverPairs } from "./papers.ts";

export interface DoorDeps {
  readonly files: Files;
  readonly law: Law;
  readonly clock: Clock;
  readonly log: Logger;
  readonly gate: GateLimits;
  readonly seams?: DoorSeams;
}

/** Where something can be put between the parts of a door, to break them. */
export interface DoorSeams {
  readonly lookAt?: (lookAt: LookAt) => LookAt;
  readonly judge?: (judge: Judge) => Judge;
  readonly show?: (next: Shown, before: Shown) => Shown;
  readonly recheck?: (recheck: () => void) => () => void;
  readonly gateClock?: (clock: Clock) => Clock;
  readonly wrap?: (guard: Guard) => (method: Method) => Method;
  /** Has the server look at its files whenever one is written. */
  readonly isHasty?: boolean;
}

/** How often a server looks at its files, milliseconds. */
export const LOOK_MS = 500;

type Judge = ConstructorParameters<typeof Guard>[0]["judge"];

/**
 * What secures a server, wired as in production: the real keepers of credentials and access list, the real guard. The
 * TLS handshake is modelled: it turns down whom no authority that is in service vouches for.
 */
export class Door implements AsyncDisposable {
  readonly guard: Guard;
  readonly background: BackgroundClock;
  readonly #credentials: CredentialKeeper;
  readonly #access: AccessListKeeper;
  readonly #seams: DoorSeams;
  #shown: Shown;

  private constructor(
    deps: DoorDeps,
    background: BackgroundClock,
    credentials: CredentialKeeper,
    access: AccessListKeeper,
  ) {
    const { clock, log, gate, seams = {} } = deps;
    this.background = background;
    this.#credentials = credentials;
    this.#access = access;
    this.#seams = seams;
    this.#shown = credentials.tls;
    const judge: Judge = (peer) => judgePeer(access.list, peer);
    const gateClock = seams.gateClock?.(clock) ?? clock;
    this.guard = new Guard({ judge: seams.judge?.(judge) ?? judge, clock: gateClock, log, gate });
    const recheck = (): void => void this.guard.recheck();
    access.onChange(seams.recheck?.(recheck) ?? recheck);
    credentials.follow((next) => {
      this.#shown = seams.show?.(next, this.#shown) ?? next;
      return { ok: true };
    });
  }

  /** `undefined` when the files can't be used: such a server does not start. */
  static async open(deps: DoorDeps): Promise<Door | undefined> {
    const { files, law, log, seams = {} } = deps;
    const clock = new BackgroundClock(deps.clock);
    const plain: LookAt = (path) => files.lookAt(path);
    const lookAt = seams.lookAt?.(plain) ?? plain;
    const common = { clock, log, lookAt, pollMs: LOOK_MS };
    const credentials = await openCredentials({ files: paths, observer: law.observer("credentials"), ...common });
    if (!credentials.ok) return undefined;
    const observer = law.observer("list");
    const access = await openAccessList({ file: paths.list, expected: false, observer, ...common });
    if (access.ok) return new Door(deps, clock, credentials.keeper, access.keeper);
    await credentials.keeper[Symbol.asyncDispose]();
    return undefined;
  }

  wrap(method: Method): Method {
    return (this.#seams.wrap?.(this.guard) ?? ((inner) => this.guard.wrap(inner)))(method);
  }

  /** What a connection that begins now meets; `undefined` when it is no set that anybody put in place. */
  get credentials(): Credentials | undefined {
    const { cert, key, ca } = this.#shown;
    const pair = issuers.find((issuer) => same(serverPairs[issuer].cert, cert) && serverPairs[issuer].key === key);
    const trusted = issuers.filter((issuer) => [ca ?? []].flat().some((pem) => same(authorityPem(issuer), pem)));
    return pair === undefined ? undefined : { pair, trusted };
  }

  /** What the handshake proves of a sink; `undefined` when it is turned down. */
  meet({ issuer, uri }: Paper): PeerIdentity | undefined {
    return this.credentials?.trusted.includes(issuer) === true ? { authorized: true, uris: [uri] } : undefined;
  }

  /** Looks at the files now, as for a server that is told to. */
  async look(): Promise<void> {
    await Promise.all([this.#credentials.look(), this.#access.look()]);
  }

  /** A file was written. */
  written(): void {
    if (this.#seams.isHasty === true) void this.look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#credentials[Symbol.asyncDispose](), this.#access[Symbol.asyncDispose]()]);
  }
}

const fingerprints = new Map<string, string>();

/** Whether two texts hold the same certificate, however they are written. */
function same(a: string, b: string | Uint8Array): boolean {
  return fingerprintOf(a) === fingerprintOf(typeof b === "string" ? b : Buffer.from(b).toString());
}

function fingerprintOf(pem: string): string {
  let known = fingerprints.get(pem);
  if (known === undefined) fingerprints.set(pem, (known = new X509Certificate(pem).fingerprint256));
  return known;
}
