// fauxqs on 127.0.0.1: `node server.mjs FOLDER_OF_THE_PACKAGE PORT`. Ends at SIGTERM.
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, port] = process.argv.slice(2);
const { buildApp } = await import(pathToFileURL(path.join(folder, "dist", "app.js")).href);
const app = buildApp({ logger: false });
// Node closes idle connections after 5 s; SQS keeps them longer, and a client that just reuses one sees a reset.
app.server.keepAliveTimeout = 65_000;
process.on("SIGTERM", () => process.exit(0));
await app.listen({ port: Number(port), host: "127.0.0.1" });
