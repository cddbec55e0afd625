// What every browser has and Debian 12's Node 18 lacks; loaded before the tests (see the Makefile).
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
