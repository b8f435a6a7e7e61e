import type { AccessList } from "../../../src/grpc/access/list.ts";
import type { ReloadObserver } from "../../../src/grpc/credentials/keeper.ts";
import type { Findings } from "../findings.ts";
import type { Credentials, Files } from "./files.ts";
import type { Paper } from "./papers.ts";

type Group = "credentials" | "list";

/**
 * Who ought to be served, reckoned from what the operator means by the files and from when the server says that it takes them
 * over. Shares no code with the server.
 */
export class Law {
  /** Whether somebody has just asked the server to look at its files, so that one look is enough. */
  isAsked = false;
  readonly #files: Files;
  readonly #findings: Findings;
  readonly #onList: () => void;
  #credentials: Credentials | undefined;
  #list: AccessList | undefined;

  /** @param onList called whenever another list is in force */
  constructor(files: Files, findings: Findings, onList: () => void) {
    this.#files = files;
    this.#onList = onList;
    this.#findings = findings;
  }

  /** What new connections are to meet. */
  get credentials(): Credentials {
    return this.#credentials!;
  }

  /** A server that can use the files starts with them; without a list it lets everybody in. */
  begin(): boolean {
    const { credentials, list, hasList } = this.#files;
    if (credentials === undefined || (hasList && list === undefined)) return false;
    this.#credentials = credentials;
    this.#list = list;
    return true;
  }

  /** What the server says of files that changed. */
  observer(group: Group): ReloadObserver {
    return {
      reloaded: () => {
        this.#check(this.#isUsable(group), `I15: the server takes over ${group} of no use`);
        this.#settled(group);
        this.#findings.met(`another ${group} taken over`);
        if (group === "credentials") this.#credentials = this.#files.credentials;
        else {
          this.#list = this.#files.list;
          this.#onList();
        }
      },
      refused: () => {
        this.#check(!this.#isUsable(group), `I15: the server refuses ${group} that it could use`);
        this.#settled(group);
        this.#findings.met(`a bad ${group} refused`);
      },
    };
  }

  /** The files have stood still for long enough: what can be used of them must be in force. */
  rests(): void {
    for (const group of ["credentials", "list"] as const) {
      const [due, actual] = [JSON.stringify(textOf(this.#files[group])), JSON.stringify(textOf(this.#inForce(group)))];
      this.#check(
        !this.#isUsable(group) || due === actual,
        `I16: ${group} in force are ${actual}, the files have ${due}`,
      );
    }
  }

  /** Whether an authority that is in force vouches for a sink. */
  vouches(paper: Paper): boolean {
    return this.credentials.trusted.includes(paper.issuer);
  }

  /** Whether the list in force lets a sink in. */
  admits({ uri }: Paper): boolean {
    if (this.#list === undefined) return true;
    return this.#list.ids.has(uri) === (this.#list.kind === "allow");
  }

  #inForce(group: Group): Credentials | AccessList | undefined {
    return group === "list" ? this.#list : this.#credentials;
  }

  #isUsable(group: Group): boolean {
    return this.#files[group] !== undefined;
  }

  #settled(group: Group): void {
    const settled = this.isAsked || this.#files.stoodStill(group);
    this.#check(settled, `I15: the server judges ${group} that may be half-written`);
  }

  #check(holds: boolean, otherwise: string): void {
    this.#findings.check(holds, otherwise);
  }
}

function textOf(inForce: Credentials | AccessList | undefined): unknown {
  if (inForce === undefined) return "none";
  return "ids" in inForce ? [inForce.kind, ...inForce.ids] : inForce;
}
