const cert =
  "MIIBdzCCASGgAwIBAgIUPGUq/1F2hNXZKc3Yc4yBcFWOax4wDQYJKoZIhvcNAQELBQAwDzENMAsGA1UEAwwEd2VhazAgFw0yNjEx" +
  "MjIxODE5MDJaGA8yMDUxMDcxNDE4MTkwMlowDzENMAsGA1UEAwwEd2VhazBcMA0GCSqGSIb3DQEBAQUAA0sAMEgCQQDJ4QaDqHFn" +
  "IK0hZG5ky+GugxDJZTev18uK4vhYlX0b8iyRiqQNfveXtpeu/6xero04QzulgAkfqeIZA65d4ZyVAgMBAAGjUzBRMB0GA1UdDgQW" +
  "BBRVglRVNJ5xQUcyMbM2BV1TGdz6UTAfBgNVHSMEGDAWgBRVglRVNJ5xQUcyMbM2BV1TGdz6UTAPBgNVHRMBAf8EBTADAQH/MA0G" +
  "CSqGSIb3DQEBCwUAA0EAHorGiYt0Gw56hVdTGjxGUYpWXONgv2gI036eDDju4JVcenz2zAfadEFcsaduNNhy13aUvM54EKLDAlH5" +
  "29/fFA==";

const key =
  "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAyeEGg6hxZyCtIWRuZMvhroMQyWU3r9fLiuL4WJV9G/IskYqkDX73" +
  "l7aXrv+sXq6NOEM7pYAJH6niGQOuXeGclQIDAQABAkAr+oaVxes2gSrWPG/EK5o1jz3n8dHoz8T6s6lQevhvTrYlBkyejV7CYC1S" +
  "xycUkTqGuUM01MKxuF/3NdGZiZd9AiEA+aOe+YkUJ5D3P/5mwR4wMFVNLp5QmTcTaRHEWFgmKFcCIQDPBd5LxdjwV6u/2fkxVMAB" +
  "nnNoRuT/FBZFrnmmnZX+8wIhAKSwF7mhgCVWEncqOtmeM8Y/EAr4ME3Tsr93FCQACzRDAiAIt+6MsmBYfti007Ey6qbLaqjhk1rB" +
  "g08M0DQ/WBOhEQIhALuBx9bS9qgcC6VhEEaa/8gjlLqAKDBcyODtviXnZ4vg";

/** A self-signed certificate with an RSA key of 512 bits, which OpenSSL reads and then refuses to use. */
export const weak: { readonly cert: string; readonly key: string } = {
  cert: pem("CERTIFICATE", cert),
  key: pem("PRIVATE KEY", key),
};

function pem(label: string, base64: string): string {
  return `-----BEGIN ${label}-----\n${base64.replaceAll(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;
}
