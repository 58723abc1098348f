import type { Kernel } from '../kernel/index.js';
import { commandText } from './command.js';
import type { Diagnostic, Span } from './diagnostic.js';
import type { Refused } from './judgement.js';
import { kernelMessages } from './messages.js';
import { type Column, Refusal } from './refusal.js';
import type { ProbeSyntax, TextNode } from './syntax.js';

/** Which part of the kernel logs an error. */
export type Subsystem = 'trace_kprobe' | 'trace_fprobe' | 'trace_uprobe' | 'event_probe';

/** Columns are kept in 16 bits. */
const columnModulus = 65536;

/**
 * Collects the mistakes of one line. Stages run in the kernel's order, so the first mistake is the kernel's verdict;
 * those after it are what else is wrong.
 */
export class LineJudge {
  readonly syntax: ProbeSyntax;
  readonly subsystem: Subsystem;
  /** The words as the error log shows them. */
  shown: readonly TextNode[];
  private readonly messages: Kernel['dialect']['messages'];
  private readonly mistakes: { errno: string; log: Diagnostic[] }[] = [];

  constructor(syntax: ProbeSyntax, subsystem: Subsystem, { dialect }: Kernel) {
    this.messages = dialect.messages;
    this.syntax = syntax;
    this.subsystem = subsystem;
    this.shown = syntax.command.words;
  }

  /** Runs a stage; a refusal is kept, and `undefined` answered. */
  attempt<T>(stage: () => T): T | undefined {
    try {
      return stage();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.mistakes.push({ errno: error.errno, log: this.describe(error) });
      return undefined;
    }
  }

  get failed(): boolean {
    return this.mistakes.length > 0;
  }

  /** The judgement of a line that failed. */
  refused(): Refused {
    const [verdict, ...others] = this.mistakes;
    if (verdict === undefined) throw new RangeError('nothing was refused');
    const { errno, log } = verdict;
    const reasons =
      log.length > 0 ? log : [silentDiagnostic(errno, this.lineSpan(), commandText(this.shown))];
    return {
      accepted: false,
      errno,
      log,
      diagnostics: [...reasons, ...others.flatMap(mistake => mistake.log)],
    };
  }

  private describe({ entries, errno, span }: Refusal): Diagnostic[] {
    const command = commandText(this.shown);
    return entries.flatMap(entry => {
      if (!('column' in entry)) return { ...entry, errno, span: span ?? this.lineSpan(), hints: [] };
      const { code, column } = entry;
      const message = this.messages[code] === undefined ? kernelMessages[code] : this.messages[code];
      // A kernel without such an error refuses without a word.
      if (message === null) return [];
      return {
        code,
        message,
        subsystem: this.subsystem,
        errno,
        caret: this.caret(column, command),
        command,
        span: span ?? this.wordSpan(column.index),
        hints: [],
      };
    });
  }

  private caret({ index, offset }: Column, command: string): number | undefined {
    if (index >= this.shown.length) return (command.length + 1) % columnModulus;
    if (offset === undefined) return undefined;
    const start = this.shown.slice(0, index).reduce((sum, word) => sum + word.text.length + 1, 0);
    return (start + offset) % columnModulus;
  }

  private wordSpan(index: number): Span {
    return this.syntax.command.words[index]?.span ?? this.lineSpan();
  }

  private lineSpan(): Span {
    const { words } = this.syntax.command;
    return { start: words[0]?.span.start ?? 0, end: words.at(-1)?.span.end ?? 0 };
  }
}

/** A refusal that the kernel gives no reason for. */
export function silentDiagnostic(errno: string, span: Span, command: string): Diagnostic {
  return {
    code: 'SILENT',
    message: `The kernel refuses this with ${errno} and logs no reason`,
    subsystem: undefined,
    errno,
    caret: undefined,
    command,
    span,
    hints: [],
  };
}
