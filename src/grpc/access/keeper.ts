import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { wholeTextOf } from "../../lib/yaml/text.ts";
import { markOf } from "../credentials/files.ts";
import type { ReloadObserver } from "../credentials/keeper.ts";
import { lookAt as lookAtDisk, type FileLook, type LookAt } from "../credentials/look.ts";
import { ContentWatch, type Content } from "../credentials/watch.ts";
import { describeList, everyone, listChange, sameList, type AccessList, type ListChange } from "./list.ts";
import { parseAccessList, type ParsedAccessList } from "./parse-list.ts";

export interface AccessListKeeperOptions {
  readonly file: string;
  /** Whether somebody named the file, so that its absence is worth a warning. */
  readonly expected: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer?: ReloadObserver;
  /** How often the file is looked at, milliseconds. */
  readonly pollMs?: number;
  /** How it is looked at; on the disk unless given. */
  readonly lookAt?: LookAt;
}

/** What keeps the list in a file, or why there is none to be had. */
export type OpenedAccessList =
  | { readonly ok: true; readonly keeper: AccessListKeeper }
  | { readonly ok: false; readonly reason: string };

/** That what the file holds, if it is there at all, is not in force. */
export interface ListRefusal {
  /** A file that is gone is worth a warning only: somebody may mean to put another in its place. */
  readonly severity: "error" | "warning";
  /** Names the file, and the remedy where there is one. */
  readonly why: string;
  /** Whom the list in force admits, in a few words. */
  readonly admits: string;
}

/** Reads the access list, and keeps looking at its file. One that does not exist lets every verified sink in. */
export async function openAccessList(options: AccessListKeeperOptions): Promise<OpenedAccessList> {
  const seen = await readListFile(options.file, options.lookAt);
  const read = seen.look.kind === "absent" ? noList : readList(seen.look);
  return read.ok ? { ok: true, keeper: new AccessListKeeper(options, read, seen) } : read;
}

/**
 * The access list of a server that runs. What does not parse, can't be read or is gone changes nothing: a list is only ever
 * replaced by a list.
 */
export class AccessListKeeper implements AsyncDisposable {
  readonly #options: AccessListKeeperOptions;
  readonly #watch: ContentWatch<SeenList>;
  #list: AccessList;
  #onChange: () => void = () => undefined;
  /** That what the file holds is not in force, if it isn't. */
  #refusal: ListRefusal | undefined;
  #onRefusal: ((refusal: ListRefusal | undefined) => void) | undefined;

  constructor(options: AccessListKeeperOptions, { list, notices }: ReadList, seen: SeenList) {
    this.#options = options;
    this.#list = list;
    const { file, expected, log, clock, pollMs, lookAt } = options;
    if (seen.look.kind !== "absent")
      this.#tell("access list read", { ...listChange(everyone, list), before: undefined }, notices);
    else if (expected) log.warn(`there is no access list ${file}: every sink with a verified certificate is served`);
    else log.info("there is no access list: every sink with a verified certificate is served", { file });
    const read = (): Promise<SeenList> => readListFile(file, lookAt);
    const changed = ({ look }: SeenList): void => this.#changed(look);
    this.#watch = new ContentWatch({ clock, read, changed, ...(pollMs === undefined ? {} : { pollMs }) }, seen.mark);
  }

  /** The list that is in force. */
  get list(): AccessList {
    return this.#list;
  }

  /** Calls back whenever another list is in force. */
  onChange(changed: () => void): void {
    this.#onChange = changed;
  }

  /**
   * Has somebody told that what the file holds is not in force, and `undefined` once it is; without anybody the log has it.
   */
  onRefusal(tell: (refusal: ListRefusal | undefined) => void): void {
    this.#onRefusal = tell;
    if (this.#refusal !== undefined) tell(this.#refusal);
  }

  /** Looks at the file now; resolves when what it holds is in force or refused. */
  look(): Promise<void> {
    return this.#watch.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  #changed(look: FileLook): void {
    if (look.kind === "absent") {
      this.#refuse(
        { severity: "warning", why: `the access list ${this.#options.file} is gone; put it back` },
        "the access list is gone; the last one stays in force until there is another",
      );
      return;
    }
    const read = readList(look);
    if (read.ok) this.#replace(read);
    else {
      this.#refuse(
        { severity: "error", why: `the access list ${this.#options.file} can't be used: ${read.reason}` },
        `the access list can't be used, the last one stays in force: ${read.reason}`,
      );
    }
  }

  #replace({ list, notices }: ReadList): void {
    const before = this.#list;
    this.#list = list;
    this.#options.observer?.reloaded();
    if (this.#refusal !== undefined) {
      this.#refusal = undefined;
      this.#onRefusal?.(undefined);
    }
    const isSame = sameList(before, list);
    this.#tell(
      isSame ? "access list read again: it names the same" : "access list replaced",
      listChange(before, list),
      notices,
    );
    if (!isSame) this.#onChange();
  }

  /** @param words what the log says of it, unless somebody wants to be told */
  #refuse(refusal: Pick<ListRefusal, "severity" | "why">, words: string): void {
    const { file, log, observer } = this.#options;
    const admits = describeList(this.#list);
    this.#refusal = { ...refusal, admits };
    observer?.refused();
    if (this.#onRefusal !== undefined) this.#onRefusal(this.#refusal);
    else log[refusal.severity === "error" ? "error" : "warn"](words, { file, admits });
  }

  #tell(message: string, change: ListChange, notices: readonly string[]): void {
    const { file, log } = this.#options;
    log.info(message, { file, admits: describeList(this.#list), ...change });
    for (const notice of notices) log.warn(`access list ${file}: ${notice}`);
  }
}

interface SeenList extends Content {
  readonly look: FileLook;
}

type ReadList = Extract<ParsedAccessList, { readonly ok: true }>;

const noList: ReadList = { ok: true, list: everyone, notices: [] };

async function readListFile(file: string, lookAt: LookAt = lookAtDisk): Promise<SeenList> {
  const look = await lookAt(file);
  return { look, mark: markOf(look) };
}

function readList(look: Exclude<FileLook, { readonly kind: "absent" }>): ParsedAccessList {
  if (look.kind === "unreadable") return { ok: false, reason: look.why };
  const whole = wholeTextOf(look.bytes);
  if (whole.ok) return parseAccessList(whole.text);
  const { at, message } = whole;
  return { ok: false, reason: at === undefined ? message : `line ${at.line}, column ${at.column}: ${message}` };
}
