/**
 * Why the simulated kernel cannot do something:
 * `architecture` only x86_64 is simulated; `no-types` the kernel facts carry no BTF; `no-type`/`no-field` the BTF lacks a
 * struct or member that the simulation needs; `no-function` a simulated function is not in this kernel;
 * `unmapped` a write to memory that does not exist; `module` a module is loaded already, or not loaded;
 * `bad-option` a number out of range.
 */
export type SimErrorCode =
  | 'architecture'
  | 'no-types'
  | 'no-type'
  | 'no-field'
  | 'no-function'
  | 'unmapped'
  | 'module'
  | 'bad-option';

/** The simulated kernel was asked for something that it cannot be. */
export class SimError extends Error {
  override readonly name = 'SimError';
  readonly code: SimErrorCode;

  constructor(code: SimErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
