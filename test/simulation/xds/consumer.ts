import { Client } from "../../property/interests/client.ts";
import { edited, type Edit, type Wish } from "../../property/interests/wish.ts";
import { NAMES } from "../pool.ts";
import type { Random } from "../random.ts";
import { extensions, kindOf } from "./kinds.ts";
import type { XdsLine } from "./line.ts";
import { translatedName } from "./translations.ts";
import type { Speech } from "./wire.ts";

export interface ConsumerShape {
  readonly speech: Speech;
  /** An istiod takes all there is, makes up its first nonces, and refuses nothing. */
  readonly isIstiod: boolean;
  /** Empty for one that takes what is for anybody. */
  readonly revision: string;
  /** The type URLs that it asks for. */
  readonly urls: readonly string[];
  /** How often it reads when it could. */
  readonly pace: number;
}

/** A client over xDS as a process: what it holds outlives its streams. */
export class Consumer {
  readonly name: string;
  readonly speech: Speech;
  readonly isIstiod: boolean;
  readonly revision: string;
  readonly urls: readonly string[];
  readonly pace: number;
  /** The stream that it has, if any. */
  line: XdsLine | undefined;
  #clients = new Map<string, Client>();

  constructor(index: number, { speech, isIstiod, revision, urls, pace }: ConsumerShape) {
    this.name = `${isIstiod ? "istiod" : speech}${index}`;
    this.speech = speech;
    this.isIstiod = isIstiod;
    this.revision = revision;
    this.urls = urls;
    this.pace = pace;
  }

  /** What it says of itself. */
  get metadata(): Readonly<Record<string, string>> {
    return {
      ...(this.isIstiod && { GENERATOR: "api" }),
      ...(this.revision !== "" && { ISTIO_REVISION: this.revision }),
    };
  }

  /** What it does with one type. */
  client(url: string): Client {
    let client = this.#clients.get(url);
    if (client === undefined) this.#clients.set(url, (client = new Client(this.speech)));
    return client;
  }

  /** Starts afresh, with nothing. */
  restart(): void {
    this.#clients = new Map();
  }

  /** Asks for a type that it has not asked for on its stream. */
  ask(url: string, random: Random): void {
    const client = this.client(url);
    this.line!.ask(url);
    const isSame = random.chance(0.5) && (client.wish.all || client.wish.names.size > 0);
    const kept = { resumes: random.chance(0.7), foreign: random.chance(0.3), outdated: random.chance(0.3) };
    client.connect(isSame ? client.wish : this.#drawWish(url, random), kept);
  }

  /** How it changes its mind about a type; `undefined` when it does not. */
  drawEdit(url: string, random: Random): Edit | undefined {
    const { wish } = this.client(url);
    if (this.isIstiod) return undefined;
    if (this.speech === "delta") {
      const edit = {
        add: { all: random.chance(0.2), names: drawNames(url, random) },
        drop: { all: random.chance(0.2), names: drawNames(url, random) },
      };
      return isNothing(edit.add) && isNothing(edit.drop) ? undefined : edit;
    }
    // In the state of the world no names mean everything, or nothing, depending on what was said before: they are left alone.
    if (wish.all) return undefined;
    const edit = {
      add: { all: false, names: drawNames(url, random) },
      drop: { all: false, names: drawNames(url, random) },
    };
    return edited(wish, edit).names.size === 0 ? undefined : edit;
  }

  #drawWish(url: string, random: Random): Wish {
    const names = drawNames(url, random);
    if (this.isIstiod || names.size === 0) return { all: true, names: new Set() };
    return { all: this.speech === "delta" && random.chance(0.3), names };
  }
}

function isNothing({ all, names }: Wish): boolean {
  return !all && names.size === 0;
}

function drawNames(url: string, random: Random): ReadonlySet<string> {
  const names = new Set<string>();
  const count = random.below(4);
  for (let i = 0; i < count; i++) {
    const index = random.below(NAMES + 1);
    const name = index === 5 && random.chance(0.5) ? "n5" : `ns/n${index}`;
    const isPlugin = kindOf(url).collections.includes(extensions) && random.chance(0.5);
    names.add(isPlugin ? translatedName(name) : name);
  }
  return names;
}
