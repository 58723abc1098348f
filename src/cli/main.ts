#!/usr/bin/env node
import { runCommandLine } from './program.js';

// Not process.exit: what is still on its way to a pipe would be cut off.
process.exitCode = await runCommandLine(process.argv);
