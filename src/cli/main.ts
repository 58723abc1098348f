#!/usr/bin/env node
import { endProcess, runCommandLine } from './program.js';

endProcess(await runCommandLine(process.argv));
