import type { WasmHost, WasmMemory, WasmTable } from './host.js';
import { layout } from './layout.js';

const PAGE = 1 << 16;

/** The memory that generated functions work on, as JavaScript sees it. It never grows, so that views stay what they are. */
export class EngineMemory {
  readonly memory: WasmMemory;
  readonly table: WasmTable;
  readonly bytes: Uint8Array;
  readonly view: DataView;

  /** With so many bytes from `layout.streams` on. */
  constructor(host: WasmHost, streams: number) {
    const pages = Math.ceil((layout.streams + streams) / PAGE);
    this.memory = new host.Memory({ initial: pages, maximum: pages });
    this.table = new host.Table({ element: 'anyfunc', initial: 1 });
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
  }

  int(address: number): number {
    return this.view.getInt32(address, true);
  }

  setInt(address: number, value: number): void {
    this.view.setInt32(address, value, true);
  }

  /** A number of 64 bits as two unsigned halves. */
  setHalves(address: number, high: number, low: number): void {
    this.view.setUint32(address, low, true);
    this.view.setUint32(address + 4, high, true);
  }
}
