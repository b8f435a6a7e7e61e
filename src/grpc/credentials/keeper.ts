import type { X509Certificate } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Credentials, CredentialsVerdict, TlsSettings } from "../tls.ts";
import { lookAtCredentials, type CredentialFiles, type CredentialLook } from "./files.ts";
import { judgeCredentials, type CredentialFault, type CredentialSet } from "./judge.ts";
import { day, expiryOf, untimelinessOf, warningsOn } from "./warnings.ts";
import type { LookAt } from "./look.ts";
import { ContentWatch } from "./watch.ts";

/** Told what becomes of files that changed. */
export interface ReloadObserver {
  /** What they hold now is in service. */
  reloaded(): void;
  /** What they hold now can't be used; what was in service before stays. */
  refused(): void;
}

export interface CredentialKeeperOptions {
  readonly files: CredentialFiles;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer?: ReloadObserver;
  /** How often the files are looked at, milliseconds. */
  readonly pollMs?: number;
  /** How they are looked at; on the disk unless given. */
  readonly lookAt?: LookAt;
}

/** What keeps the credentials that the files hold, or why none can be made of them. */
export type OpenedCredentials =
  | { readonly ok: true; readonly keeper: CredentialKeeper }
  | { readonly ok: false; readonly faults: readonly CredentialFault[] };

/** Reads the credentials, and keeps looking at their files. */
export async function openCredentials(options: CredentialKeeperOptions): Promise<OpenedCredentials> {
  const look = await lookAtCredentials(options.files, options.lookAt);
  const verdict = judgeCredentials(options.files, look);
  return verdict.ok ? { ok: true, keeper: new CredentialKeeper(options, verdict.set, look.mark) } : verdict;
}

/** The credentials of a server that runs. What the files hold is put in service as one set, or not at all. */
export class CredentialKeeper implements AsyncDisposable {
  readonly #options: CredentialKeeperOptions;
  readonly #watch: ContentWatch<CredentialLook>;
  #set: CredentialSet;
  /** The mark of what is in service. */
  #inService: string;
  #use: (credentials: Credentials) => CredentialsVerdict = () => ({ ok: true });
  /** Why what the files hold is not in service, if it isn't. */
  #refusal: string | undefined;
  #tell: (refusal: string | undefined) => void;
  /** What the files hold, where that is refused only because of the time. */
  #untimely: { readonly set: CredentialSet; readonly mark: string } | undefined;
  #warned: readonly string[] = [];

  constructor(options: CredentialKeeperOptions, set: CredentialSet, mark: string) {
    this.#options = options;
    this.#set = set;
    this.#inService = mark;
    this.#tell = (refusal) => {
      if (refusal !== undefined)
        options.log.error(`new TLS credentials refused, the old ones stay in service: ${refusal}`);
    };
    this.#warn();
    const { clock, pollMs, files, lookAt } = options;
    const read = (): Promise<CredentialLook> => {
      // Certificates become valid and expire without any change of the files.
      this.#takeUpTimely();
      this.#warn();
      return lookAtCredentials(files, lookAt);
    };
    const changed = (look: CredentialLook): void => this.#changed(look);
    this.#watch = new ContentWatch({ clock, read, changed, ...(pollMs === undefined ? {} : { pollMs }) }, mark);
  }

  /** What is in service, as `listen` takes it: where there are authorities every client has to show a certificate. */
  get tls(): TlsSettings {
    return { ...credentialsOf(this.#set), requestCert: this.#set.ca !== undefined };
  }

  /** The certificate that the server shows. */
  get certificate(): X509Certificate {
    return this.#set.chain.certificates[0]!;
  }

  /** When that certificate expires, milliseconds since the epoch. */
  get expiryMs(): number {
    return expiryOf(this.#set);
  }

  /** Hands what is in service, and whatever replaces it, to a server (`GrpcServer.setCredentials`). */
  follow(use: (credentials: Credentials) => CredentialsVerdict): void {
    this.#use = use;
    use(credentialsOf(this.#set));
  }

  /**
   * Has somebody told why what the files hold is not in service (it names the file and the remedy), and `undefined` once it
   * is; without anybody the log has it.
   */
  onRefusal(tell: (refusal: string | undefined) => void): void {
    this.#tell = tell;
    if (this.#refusal !== undefined) tell(this.#refusal);
  }

  /** Looks at the files now; resolves when what they hold is in service or refused. */
  look(): Promise<void> {
    return this.#watch.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }

  #changed(look: CredentialLook): void {
    const { files, log } = this.#options;
    this.#untimely = undefined;
    if (look.mark === this.#inService) {
      this.#mended();
      log.info("the TLS files hold again what is in service");
      return;
    }
    const verdict = judgeCredentials(files, look);
    if (!verdict.ok) this.#refuse(verdict.faults.map(({ message, remedy }) => `${message}; ${remedy}`));
    else this.#judgeTime(verdict.set, look.mark);
  }

  /** A certificate that nobody takes does not replace one that is valid; where that isn't either, it does no harm. */
  #judgeTime(set: CredentialSet, mark: string): void {
    const { files, clock } = this.#options;
    const untimely = untimelinessOf(files, set, clock.wall());
    if (untimely === undefined || untimelinessOf(files, this.#set, clock.wall()) !== undefined) {
      this.#replace(set, mark);
      return;
    }
    this.#untimely = { set, mark };
    const remedy = untimely.when === "too late" ? "put one there that is valid" : "it is put in service then";
    this.#refuse([`${untimely.why}; ${remedy}`]);
  }

  #takeUpTimely(): void {
    if (this.#untimely === undefined) return;
    const { files, clock } = this.#options;
    const { set, mark } = this.#untimely;
    const isTimely = untimelinessOf(files, set, clock.wall()) === undefined;
    if (isTimely || untimelinessOf(files, this.#set, clock.wall()) !== undefined) this.#replace(set, mark);
  }

  #replace(set: CredentialSet, mark: string): void {
    this.#untimely = undefined;
    const verdict = this.#use(credentialsOf(set));
    if (!verdict.ok) {
      this.#refuse([verdict.reason]);
      return;
    }
    this.#set = set;
    this.#inService = mark;
    const { observer, log } = this.#options;
    observer?.reloaded();
    const news =
      this.#refusal !== undefined ? "the TLS files can be used again and are in service" : "TLS credentials replaced";
    this.#mended();
    log.info(`${news}: new connections are met with them, open ones go on`, { expires: day(expiryOf(set)) });
    this.#warn();
  }

  #refuse(reasons: readonly string[]): void {
    this.#refusal = reasons.join("; ");
    this.#options.observer?.refused();
    this.#tell(this.#refusal);
  }

  #mended(): void {
    if (this.#refusal === undefined) return;
    this.#refusal = undefined;
    this.#tell(undefined);
  }

  #warn(): void {
    const { files, clock, log } = this.#options;
    const warnings = warningsOn(files, this.#set, clock.wall());
    for (const warning of warnings) if (!this.#warned.includes(warning)) log.warn(warning);
    this.#warned = warnings;
  }
}

function credentialsOf({ cert, key, ca }: CredentialSet): Credentials {
  return { cert, key, ...(ca !== undefined && { ca }) };
}
