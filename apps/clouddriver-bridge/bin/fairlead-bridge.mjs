#!/usr/bin/env node
// In git, so that `npm ci` can link it before anything is built.
import '../dist/main.js';
