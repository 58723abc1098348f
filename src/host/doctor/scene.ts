import { closeSync, constants, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoName } from '../tracefs-files.js';

/** The files of a machine, seen below a folder. Nothing here changes any of them. */
export class Scene {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** The text of a small file without blanks around it; `undefined` where it cannot be read. */
  text(path: string): string | undefined {
    try {
      return readFileSync(join(this.root, path), 'latin1').trim();
    } catch {
      return undefined;
    }
  }

  /** Why a file cannot be opened, as an errno's name; `undefined` if it can. Writing is not tried, and nothing is cut off. */
  refusal(path: string, access: 'read' | 'write'): string | undefined {
    const flags = access === 'read' ? constants.O_RDONLY : constants.O_WRONLY | constants.O_APPEND;
    try {
      closeSync(openSync(join(this.root, path), flags));
      return undefined;
    } catch (error) {
      return errnoName(error) ?? String(error);
    }
  }

  /** Names in a folder; none where it cannot be listed. */
  list(path: string): readonly string[] {
    try {
      return readdirSync(join(this.root, path));
    } catch {
      return [];
    }
  }

  /** Bytes of a file as the file system reports them; `undefined` when there is none. */
  size(path: string): number | undefined {
    return statSync(join(this.root, path), { throwIfNoEntry: false })?.size;
  }
}
