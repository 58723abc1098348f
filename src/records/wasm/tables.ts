import { layout } from './layout.js';

/** Writes the tables that generated functions read into the bytes of their memory. */
export function putTables(bytes: Uint8Array): void {
  for (let pair = 0; pair < 100; pair++) {
    bytes[layout.digitPairs + pair * 2] = 0x30 + Math.floor(pair / 10);
    bytes[layout.digitPairs + pair * 2 + 1] = 0x30 + (pair % 10);
  }
  for (let code = 0; code < 0x80; code++) {
    const escaped = JSON.stringify(String.fromCharCode(code)).slice(1, -1);
    const address = layout.escapes + code * 8;
    for (let index = 0; index < escaped.length; index++) bytes[address + index] = escaped.charCodeAt(index);
    bytes[address + 7] = escaped.length;
  }
  for (let index = 0; index < 16; index++) {
    bytes[layout.hexShifts + index] = index;
    bytes[layout.hexShifts + 16 + index] = 0x80;
  }
}
