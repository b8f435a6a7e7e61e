import { lookAt } from "../../grpc/credentials/look.ts";
import { pemOf, readCertificates, readChain, readPrivateKey, type Read } from "../../grpc/credentials/pem.ts";
import { GalleyError } from "../../lib/errors.ts";
import { channelCredentials, type ClientTls } from "../../grpc/dial/tls.ts";

/** What `galley watch` is told of TLS; an empty text is nothing. */
export interface TlsFlags {
  readonly insecure: boolean | "auto";
  readonly caCertFile: string;
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
  readonly serverName: string;
}

/** How a server is reached over TLS. */
export interface ClientSecurity {
  /** Reads the files; for each connection anew, so that certificates that were replaced are shown. @throws GalleyError */
  readonly read: () => Promise<ClientTls>;
  readonly flags: TlsFlags;
}

/**
 * Whether TLS is asked for.
 * @throws GalleyError `GLY_VALUE` when the flags contradict each other.
 */
export function clientSecurity(flags: TlsFlags): ClientSecurity | undefined {
  const { insecure, caCertFile, tlsCertFile, tlsKeyFile, serverName } = flags;
  const isAsked = [caCertFile, tlsCertFile, tlsKeyFile, serverName].some((value) => value !== "");
  if (insecure === true && isAsked) {
    throw new GalleyError("GLY_VALUE", "--insecure is plaintext, and the other flags are about TLS", {
      hint: "Leave out --insecure, or --ca-cert-file, --tls-cert-file, --tls-key-file and --server-name.",
    });
  }
  if ((tlsCertFile === "") !== (tlsKeyFile === "")) {
    throw new GalleyError("GLY_VALUE", "--tls-cert-file and --tls-key-file are given together or not at all");
  }
  return insecure === false || isAsked ? { read: () => readClientTls(flags), flags } : undefined;
}

async function readClientTls({ caCertFile, tlsCertFile, tlsKeyFile, serverName }: TlsFlags): Promise<ClientTls> {
  const ca = caCertFile === "" ? {} : { ca: pemOf(await readPem("authorities", caCertFile, readCertificates)) };
  const own = tlsCertFile === "" ? {} : await readOwn(tlsCertFile, tlsKeyFile);
  const tls: ClientTls = { ...ca, ...own, ...(serverName === "" ? {} : { serverName }) };
  try {
    channelCredentials(tls);
  } catch (error) {
    throw unusable(error instanceof Error ? error.message : String(error), "make the certificate and its key anew");
  }
  return tls;
}

async function readOwn(certFile: string, keyFile: string): Promise<Pick<Required<ClientTls>, "cert" | "key">> {
  const chain = await readPem("certificate", certFile, readChain);
  const key = await readPem("private key", keyFile, readPrivateKey);
  const own = chain.certificates[0]!;
  if (!own.checkPrivateKey(key)) {
    throw unusable(
      `the private key in ${keyFile} does not belong to the certificate in ${certFile}`,
      "give the key of the first certificate in the file",
    );
  }
  const until = Date.parse(own.validTo);
  if (until < Date.now()) {
    const day = new Date(until).toISOString().slice(0, 10);
    throw unusable(`the certificate in ${certFile} expired on ${day}: servers refuse it`, "give one that is valid");
  }
  return { cert: pemOf(chain).join(""), key: key.export({ type: "pkcs8", format: "pem" }).toString() };
}

async function readPem<T>(what: string, file: string, read: (bytes: Buffer) => Read<T>): Promise<T> {
  const look = await lookAt(file);
  if (look.kind === "absent") throw unusable(`there is no file ${file} with the ${what}`, "correct the path");
  if (look.kind === "unreadable")
    throw unusable(`the ${what} in ${file} can't be read: ${look.why}`, "correct the path or the permissions");
  const found = read(look.bytes);
  if (found.ok) return found.value;
  throw unusable(`the ${what} in ${file} can't be used: ${found.why}`, found.remedy);
}

function unusable(message: string, hint: string): GalleyError {
  return new GalleyError("GLY_NO_TLS", message, { hint });
}
