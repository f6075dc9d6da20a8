import { render } from "preact";

import { App } from "./app.tsx";
import { loadSettings } from "./data/settings.ts";
import { keepLedger } from "./data/sync.ts";
import { followRoutes } from "./routes.ts";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/values.css";
import "./styles/lists.css";
import "./styles/charts.css";

await loadSettings();
followRoutes();

void keepLedger(new AbortController().signal);

const root = document.getElementById("app");
if (root) render(<App />, root);
