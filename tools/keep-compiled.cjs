// Loaded before src/main.ts, which keeps compiled code for the modules that it imports (see there). It cannot do so for
// itself: Node would load its compiler to strip the types of one file.
'use strict';

const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

enableCompileCache(join(__dirname, '../node_modules/.cache/gatewright'));
