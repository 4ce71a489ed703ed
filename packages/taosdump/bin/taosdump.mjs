#!/usr/bin/env node
import { loadProgram } from '../../../scripts/program.mjs';

const { main } = await loadProgram('taosdump');
process.exit(await main(process.argv.slice(2)));
