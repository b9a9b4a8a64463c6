// Unit tests touch no network: every TCP connection to anything but this machine fails. Runs before each test file.

import { Socket } from "node:net";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "::1"]);

interface Target {
  host?: string;
  port?: number | string;
  path?: string;
}

/** Where `net` was asked to go; `connect` takes options, or [options, callback] already normalised. */
function targetOf(first: unknown): Target {
  const options: unknown = Array.isArray(first) ? first[0] : first;
  return typeof options === "object" && options !== null ? options : {};
}

// fetch, http and tls all come down to this one method. It is called with its own `this` below.
// oxlint-disable-next-line typescript/unbound-method
const connect = Socket.prototype.connect;

Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]): Socket {
  const { host, port, path } = targetOf(args[0]);
  if (path === undefined && !LOOPBACK.has(host ?? "localhost")) {
    throw new Error(
      `A unit test tried to connect to ${host}:${port}. Unit tests touch no network: serve it on localhost or pass bytes.`,
    );
  }
  Reflect.apply(connect, this, args);
  return this;
};
